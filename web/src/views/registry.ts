import type { Component } from 'svelte';
import type { View } from '../lesson/types';
import BarChart from './BarChart.svelte';
import Cards from './Cards.svelte';
import FormulaView from './FormulaView.svelte';
import Heatmap from './Heatmap.svelte';
import HistogramChart from './HistogramChart.svelte';
import LineChart from './LineChart.svelte';
import type { ViewProps } from './props';
import TableView from './TableView.svelte';
import Training from './Training.svelte';

export type AnyView = Component<ViewProps>;

/** What most lessons begin with is there at once ... */
const here = {
  heatmap: Heatmap,
  matrix: Heatmap,
  line: LineChart,
  training: Training,
  bar: BarChart,
  histogram: HistogramChart,
  cards: Cards,
  table: TableView,
  formula: FormulaView,
};
/** ... and the others come when a lesson asks for them. Together they are every kind a lesson may name. */
const onDemand: Record<Exclude<View['kind'], keyof typeof here>, () => Promise<{ default: unknown }>> = {
  scatter: () => import('./ScatterPlot.svelte'),
  arcs: () => import('./ArcsView.svelte'),
  diagram: () => import('./DiagramView.svelte'),
  image: () => import('./ImageView.svelte'),
  tokens: () => import('./TokensView.svelte'),
  stepper: () => import('./Stepper.svelte'),
};

export const viewKinds = [...Object.keys(here), ...Object.keys(onDemand)] as View['kind'][];

const known = new Map<string, AnyView | Promise<AnyView>>(Object.entries(here as unknown as Record<string, AnyView>));

/** The component of a kind: itself once it is there, a promise while it loads (anew after a failure), or nothing. */
export function viewOf(kind: string): AnyView | Promise<AnyView> | undefined {
  const have = known.get(kind);
  if (have || !Object.hasOwn(onDemand, kind)) return have;
  const loading = onDemand[kind as keyof typeof onDemand]().then(
    ({ default: component }) => {
      known.set(kind, component as AnyView);
      return component as AnyView;
    },
    (error: unknown) => {
      known.delete(kind);
      throw error;
    },
  );
  known.set(kind, loading);
  return loading;
}

/** Fetches what a part will draw while its numbers are being computed. */
export function preloadViews(views: readonly View[]): Promise<unknown> {
  return Promise.all(
    views.map((view) => Promise.all([viewOf(view.kind), 'views' in view ? preloadViews(view.views) : undefined])),
  );
}
