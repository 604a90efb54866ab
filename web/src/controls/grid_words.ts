/** The words of the control for grids and images. */
export const gridWords = {
  draw: { zh: '在上面画；方向键移动，空格涂黑或涂白一格', en: 'Draw on it; arrow keys move, space flips a cell' },
  click: {
    zh: '点格子开关；可以拖；方向键移动，空格切换',
    en: 'Tap or drag over cells to switch them; arrow keys move, space switches',
  },
  rubber: { zh: '橡皮', en: 'Rubber' },
  clear: { zh: '清空', en: 'Clear' },
  all: { zh: '全选', en: 'All' },
  invert: { zh: '反转', en: 'Invert' },
};
