import { createSubscriber } from 'svelte/reactivity';

/** Canvases and images hold colours of their own: whoever reads this draws again when the theme changes. */
const subscribe = createSubscriber((update) => {
  const observer = new MutationObserver(update);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
});

export function currentTheme(): string {
  subscribe();
  return document.documentElement.dataset['theme'] ?? 'light';
}
