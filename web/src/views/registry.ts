import type { Component } from 'svelte';
import type { View } from '../lesson/types';
import BarChart from './BarChart.svelte';
import Cards from './Cards.svelte';
import FormulaView from './FormulaView.svelte';
import Heatmap from './Heatmap.svelte';
import LineChart from './LineChart.svelte';
import type { ViewProps } from './props';
import Stepper from './Stepper.svelte';
import TableView from './TableView.svelte';
import TokensView from './TokensView.svelte';
import Training from './Training.svelte';

type AnyView = Component<ViewProps<never>>;

/** Every kind of view that a lesson may name and this page can draw. */
export const viewComponents = {
  heatmap: Heatmap as unknown as AnyView,
  matrix: Heatmap as unknown as AnyView,
  line: LineChart as unknown as AnyView,
  training: Training as unknown as AnyView,
  bar: BarChart as unknown as AnyView,
  histogram: BarChart as unknown as AnyView,
  cards: Cards as unknown as AnyView,
  table: TableView as unknown as AnyView,
  tokens: TokensView as unknown as AnyView,
  formula: FormulaView as unknown as AnyView,
  stepper: Stepper as unknown as AnyView,
} satisfies Record<View['kind'], AnyView>;
