import { flushSync, mount, tick, unmount, type Component } from 'svelte';

const mounted: Record<string, unknown>[] = [];

/** Mounts a component into a container of its own. */
export function render(component: Component<Record<string, unknown>>, props: Record<string, unknown>) {
  const container = document.body.appendChild(document.createElement('div'));
  mounted.push(mount(component, { target: container, props }));
  flushSync();
  return { container };
}

export async function fireEvent(target: Element, event: Event): Promise<void> {
  target.dispatchEvent(event);
  flushSync();
  await tick();
}

export async function cleanup(): Promise<void> {
  for (const component of mounted.splice(0)) await unmount(component);
  document.body.replaceChildren();
}
