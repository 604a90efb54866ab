import { longestText, parameterFromText, parameterText, sameValue } from '../app/route';
import type { ExperimentEntry, ParameterValue, Text } from '../engine/protocol';
import type { Part } from './types';

/** What a run is computed with. */
export interface Setting {
  parameters: Record<string, ParameterValue>;
  seed: number;
}

/** The part's own setting: what reset goes back to, and what links leave out. */
export function presetOf(part: Part, entry: ExperimentEntry | undefined): Setting {
  const defaults = Object.fromEntries((entry?.parameters ?? []).map((p) => [p.name, p.default]));
  return { parameters: { ...defaults, ...part.parameters }, seed: part.seed ?? 1 };
}

/** Names of the parameters in which a setting is not the preset. */
export const changedNames = (setting: Setting, preset: Setting): string[] =>
  Object.keys(setting.parameters).filter((name) => !sameValue(setting.parameters[name], preset.parameters[name]));

export const sameSetting = (a: Setting, b: Setting): boolean =>
  a.seed === b.seed && changedNames(a, b).length === 0 && changedNames(b, a).length === 0;

/** A setting's parameters as a link holds them: only what differs from the preset, and no long texts. */
export function linkParameters(setting: Setting, preset: Setting): Record<string, string> {
  const entries = changedNames(setting, preset).map(
    (name) => [name, parameterText(setting.parameters[name]!)] as const,
  );
  return Object.fromEntries(entries.filter(([, text]) => text.length <= longestText));
}

/** True if a link cannot hold all of it. */
export const isTooLong = (setting: Setting, preset: Setting): boolean =>
  changedNames(setting, preset).some((name) => parameterText(setting.parameters[name]!).length > longestText);

/** Reads parameters as they stand in a link. What cannot be read goes on as it is: the engine says what is wrong. */
export function fromLink(
  parameters: Record<string, string>,
  seed: number | undefined,
  preset: Setting,
  entry: ExperimentEntry | undefined,
): Setting {
  const setting: Setting = { parameters: { ...preset.parameters }, seed: seed ?? preset.seed };
  for (const [name, text] of Object.entries(parameters)) {
    const parameter = entry?.parameters.find((p) => p.name === name);
    setting.parameters[name] = parameter ? parameterFromText(parameter, text) : text;
  }
  return setting;
}

/** A whole setting as one piece of a link: "d_k=64&seed=3"; empty for the preset. */
export function settingQuery(setting: Setting, preset: Setting): string {
  const search = new URLSearchParams(linkParameters(setting, preset));
  if (setting.seed !== preset.seed) search.set('seed', String(setting.seed));
  return search.toString();
}

export function settingFromQuery(query: string, preset: Setting, entry: ExperimentEntry | undefined): Setting {
  const search = new URLSearchParams(query);
  const seed = search.get('seed');
  search.delete('seed');
  return fromLink(
    Object.fromEntries(search),
    seed !== null && /^\d{1,15}$/.test(seed) ? Number(seed) : undefined,
    preset,
    entry,
  );
}

interface Words {
  t: (text: Text) => string;
  seed: string;
  yes: string;
  no: string;
  preset: string;
}

/** A setting in words, by what differs from the preset: "head width d_k = 64, seed 3". */
export function settingLabel(setting: Setting, preset: Setting, entry: ExperimentEntry, words: Words): string {
  const parts = changedNames(setting, preset).map((name) => {
    const parameter = entry.parameters.find((p) => p.name === name);
    return `${parameter ? words.t(parameter.label) : name} = ${valueLabel(setting.parameters[name]!, name, entry, words)}`;
  });
  if (setting.seed !== preset.seed) parts.push(`${words.seed} ${setting.seed}`);
  return parts.join(words.t({ zh: '，', en: ', ' })) || words.preset;
}

function valueLabel(value: ParameterValue, name: string, entry: ExperimentEntry, words: Words): string {
  const option = entry.parameters.find((p) => p.name === name)?.options?.find((o) => o.name === value);
  if (option) return words.t(option.label);
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  const characters = [...parameterText(value)];
  return characters.length > 24 ? characters.slice(0, 23).join('') + '…' : characters.join('');
}
