import type { Text } from '../engine/protocol';

const s = (zh: string, en: string): Text => ({ zh, en });

/** Words of the frame around every page. */
export const shell = {
  pages: s('页面', 'Pages'),
  questions: s('题目', 'Questions'),
  study: s('复习', 'Study'),
  mock: s('模拟面试', 'Mock interview'),
  cards: s('口算卡', 'Recall cards'),
  lab: s('实验室', 'Laboratory'),
  glossary: s('术语', 'Glossary'),
  offlineKept: s(
    '没有网络。页面和计算都在这台设备上，照常可用。',
    'No network. The page and its engine are on this device: everything works.',
  ),
  offlineOpened: s(
    '没有网络。打开过的内容仍可用，其余的要等网络恢复。',
    'No network. What you have opened works; the rest needs the network again.',
  ),
  gotIt: s('知道了', 'Got it'),
  newVersion: s('有新版本，已经下载好。', 'A newer version is ready.'),
  updateNow: s('刷新使用', 'Reload now'),
  later: s('下次再说', 'Next time'),
} as const;
