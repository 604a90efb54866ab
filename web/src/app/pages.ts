import { keepEarlyKeys } from './early_keys';
import type { Page } from './route';

/** Pages fetched when they are opened: the first page and a lesson do not wait for their code. */
export const pages: Partial<Record<Page, () => Promise<{ default: unknown }>>> = {
  present: () => keepEarlyKeys(import('../pages/PresentPage.svelte')),
  study: () => import('../pages/StudyPage.svelte'),
  review: () => import('../pages/ReviewPage.svelte'),
  data: () => import('../pages/DataPage.svelte'),
  mock: () => import('../pages/MockPage.svelte'),
  cards: () => import('../pages/CardsPage.svelte'),
  lab: () => import('../pages/LabPage.svelte'),
  glossary: () => import('../pages/GlossaryPage.svelte'),
  views: () => import('../pages/ViewsPage.svelte'),
};

export const embedPage = () => import('../pages/EmbedPage.svelte');
