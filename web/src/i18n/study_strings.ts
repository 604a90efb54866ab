import type { Text } from '../engine/protocol';

const s = (zh: string, en: string): Text => ({ zh, en });

/** Words of the study pages: fetched with them, not with the first page. */
export const st = {
  // grading
  howWell: s('自评：刚才说得怎么样？', 'How well did you say it?'),
  howWellHint: s(
    '按下就排好下一次。间隔由 FSRS 算出，目标是到时还有九成把握。',
    'One tap sets the next date. FSRS picks the interval so that you still know it then with 90 % chance.',
  ),
  again: s('忘了', 'Again'),
  hard: s('勉强', 'Hard'),
  good: s('答上来了', 'Good'),
  easy: s('很轻松', 'Easy'),
  gradedAs: s('已记为', 'Marked '),
  nextTime: s('下次', 'next'),
  undo: s('撤销', 'Undo'),
  note: s('我的笔记', 'My notes'),
  noteHint: s('只存在这台设备上，可以导出', 'Kept on this device only; can be exported'),
  noteSaved: s('已保存', 'Saved'),
  noteTooLong: s('最多 20000 字，多出的没有保存', 'At most 20,000 characters; the rest was not kept'),
  stageNew: s('没学过', 'new'),
  stageLearning: s('刚学', 'learning'),
  stageYoung: s('在巩固', 'settling'),
  stageFirm: s('已牢固', 'firm'),
  // study page
  study: s('复习', 'Study'),
  today: s('今天', 'Today'),
  dueNow: s('到期复习', 'due for review'),
  freshToday: s('新题', 'new'),
  startReview: s('开始复习', 'Start reviewing'),
  reviewAnyway: s('提前复习一遍', 'Review ahead anyway'),
  nothingDue: s('今天的都复习完了。', 'Everything due today is done.'),
  neverGraded: s(
    '还没有开始。打开任意一题，说一遍、看答案、给自己打分，它就会进入复习。',
    'Nothing here yet. Open any question, say your answer, look, and grade yourself: it then comes up for review.',
  ),
  nextDue: s('下一批：', 'Next: '),
  learnNew: s('今天的新题', "Today's new questions"),
  noNew: s('有课的题都学过了。', 'Every question that has a lesson has been learned.'),
  perDay: s('每天新题数', 'New questions a day'),
  progress: s('各章进度', 'Progress by chapter'),
  chapterShort: s('第 {n} 章', 'Chapter {n}'),
  recallNow: s('现在还记得', 'recall now'),
  recallHint: s('学过的题此刻答得出来的平均概率', 'Mean chance of recalling, right now, what was learned'),
  interviewPlan: s('面试倒计时', 'Interview plan'),
  interviewDate: s('面试日期', 'Interview date'),
  clearDate: s('清除', 'Clear'),
  planHint: s(
    '前面学新题，后面留给复习和模拟面试。复习量由排期往前推算，假定每次都答上来；每道新题按 {fresh} 分钟、每次复习按 {review} 分钟、每场模拟面试按 {rehearsal} 分钟计。',
    'New questions first, the last part for reviews and mock interviews. Reviews are forecast by playing the schedule forward, every answer taken as good; {fresh} minutes per new question, {review} per review, {rehearsal} per mock interview.',
  ),
  planPast: s('这个日期已经到了或过了。祝顺利！', 'That date is today or past. Good luck!'),
  planCrowded: s(
    '时间太紧：平均每天要学的新题超过 {most} 道。计划里每天只排 {most} 道，有 {left} 道排不进去，先挑重要的章学。',
    'Too little time: more than {most} new questions a day would be needed. The plan has {most} a day and leaves {left} out; take the chapters that matter most first.',
  ),
  daysLeft: s('还有 {n} 天', '{n} {n|day|days} left'),
  dayColumn: s('日期', 'Day'),
  freshColumn: s('新题', 'New'),
  reviewColumn: s('复习', 'Reviews'),
  rehearsalColumn: s('模拟', 'Mock'),
  minutesColumn: s('大约', 'About'),
  minutes: s('{n} 分钟', '{n} min'),
  rehearse: s('一场', '1 interview'),
  wholePlan: s('整个计划', 'The whole plan'),
  myData: s('我的数据', 'My data'),
  // review session
  review: s('复习', 'Review'),
  remaining: s('还剩 {n}', '{n} left'),
  openLesson: s('打开这一课', 'Open the lesson'),
  showAnswer: s('看答案', 'Show the answer'),
  sessionDone: s('这一轮做完了。', 'That was all of them.'),
  sessionCount: s('共 {n} 张，其中 {m} 张没答上来。', '{n} {n|card|cards}, {m} of them not recalled.'),
  backToStudy: s('回到复习页', 'Back to study'),
  learnAhead: s(
    '下面这张要等几分钟才到时间，提前问也可以。',
    'The next one is due in a few minutes; you may take it now.',
  ),
  points: s('要点', 'Points to hit'),
  keysHint: s('键盘：空格看答案，1–4 打分', 'Keys: space shows the answer, 1–4 grade'),
  cardGone: s('这张卡片对应的内容已不在这个版本里。', 'What this card asked is not in this version.'),
  skip: s('跳过', 'Skip'),
  // data page
  keptHere: s('保存在哪里', 'Where it is kept'),
  keptHint: s(
    '记录只存在这个浏览器里，不上传。换设备、清缓存之前，请先导出。',
    'Your records stay in this browser and are sent nowhere. Export before you change devices or clear its data.',
  ),
  counts: s(
    '{cards} 张卡片，{reviews} 次打分，{notes} 条笔记，{interviews} 场模拟面试',
    '{cards} {cards|card|cards}, {reviews} {reviews|grading|gradings}, {notes} {notes|note|notes}, {interviews} mock {interviews|interview|interviews}',
  ),
  persistent: s('浏览器已答应长期保留。', 'The browser has promised to keep it.'),
  mayBeCleared: s('空间紧张时，浏览器可能清掉它。', 'The browser may clear it when space runs short.'),
  askPersist: s('请求长期保留', 'Ask to keep it for good'),
  persistRefused: s(
    '浏览器没有答应。把本页装成应用或加入书签后再试，通常就行了。',
    'The browser declined. Installing this page or bookmarking it usually helps; then ask again.',
  ),
  sevenDays: s(
    'Safari 和 iPhone、iPad 上的浏览器有条规则：七天没打开的网站，数据会被清空。把本页装到主屏幕就不受影响；不装的话，请记得导出备份。',
    'Safari, and every browser on iPhone and iPad, deletes a site’s data after seven days without a visit. Installed on the home screen it is exempt; otherwise keep a backup.',
  ),
  installHow: s('在 Safari 里点“分享”，再点“添加到主屏幕”。', 'In Safari: Share, then “Add to Home Screen”.'),
  install: s('安装到这台设备', 'Install on this device'),
  backupReminder: s('有一阵没备份了。', 'It has been a while since the last backup.'),
  backupNever: s('这里的记录还没有备份过。', 'What you have done here has never been backed up.'),
  export: s('导出', 'Export'),
  exportAll: s('导出全部（JSON）', 'Export everything (JSON)'),
  exportAnki: s('导出到 Anki（文本）', 'Export for Anki (text)'),
  ankiHint: s(
    '在 Anki 里选“文件 → 导入”。正面是题目，背面是 30 秒回答和要点，公式由 Anki 自己排版；再次导入会更新，不会重复。',
    'In Anki: File → Import. Question on the front, the 30-second answer and its points on the back, formulas set by Anki; importing again updates instead of doubling.',
  ),
  ankiFailed: s(
    '有课读不出来，没有导出。请检查网络后再试。',
    'A lesson could not be read, so nothing was exported. Check the network and try again.',
  ),
  import: s('导入', 'Import'),
  importChoose: s('选择导出过的 JSON 文件', 'Choose an exported JSON file'),
  importFound: s('文件没有问题，导出于 {date}：', 'The file is sound, exported {date}: '),
  importReplace: s('替换这里的全部记录', 'Replace everything here'),
  importMerge: s('合并（同一项取较新的）', 'Merge (the newer of each)'),
  importCancel: s('算了', 'Never mind'),
  importDone: s('已导入。', 'Imported.'),
  importUnreadable: s('文件读不出来。', 'The file cannot be read.'),
  autoBackup: s('自动备份到文件', 'Automatic backup to a file'),
  autoBackupHint: s(
    '选一个文件（比如网盘文件夹里的），之后每次有改动都会写进去。',
    'Choose a file, in a synchronised folder for instance; every change is written to it.',
  ),
  autoBackupUnsupported: s(
    '这个浏览器不能往选定的文件里自动写，请定期导出。',
    'This browser cannot write to a chosen file by itself; export now and then.',
  ),
  autoBackupChoose: s('选择文件', 'Choose the file'),
  autoBackupOn: s('正在自动备份到 {name}', 'Backing up to {name}'),
  autoBackupAsks: s(
    '浏览器要你再点一次，才能继续写 {name}',
    'The browser wants your click before it goes on writing {name}',
  ),
  autoBackupAllow: s('继续备份', 'Go on'),
  autoBackupFailed: s(
    '写不进 {name}：文件可能被移走或占用。',
    'Cannot write {name}: it may have been moved or be in use.',
  ),
  autoBackupStop: s('停止自动备份', 'Stop backing up'),
  erase: s('清空', 'Erase'),
  eraseAll: s('清空全部学习记录', 'Erase all study data'),
  eraseSure: s('清空后找不回来。真的要清空？', 'This cannot be undone. Really erase?'),
  eraseYes: s('清空', 'Erase'),
} as const;

/** "{n} {n|day|days} left" with its numbers, and the word that goes with each. */
export const fill = (text: string, values: Record<string, string | number>): string =>
  text
    .replace(/\{(\w+)\|([^|}]*)\|([^|}]*)\}/g, (_, name: string, one: string, many: string) =>
      Number(values[name]) === 1 ? one : many,
    )
    .replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
