import { unreachable } from '../../core/failure.ts';
import type { Observer, RunEvent } from '../events.ts';
import type { Lines } from './lines.ts';

/** An observer that shows the events of a run as lines for people. */
export function showRun(lines: Lines): Observer {
  return event => {
    switch (event.type) {
      case 'claimed':
        lines.note(`${event.experiment} · ${event.pipeline}`);
        lines.open(event.stages);
        return;
      case 'stage-started':
        lines.started(event.stage);
        return;
      case 'progress':
        lines.progress(event.stage, event);
        return;
      case 'log':
        showLog(event, lines);
        return;
      case 'stage-ended':
        lines.ended(event.stage, { ...event, text: event.reason ?? event.report });
        return;
      case 'run-ended':
        lines.close();
        return;
      case 'note':
        lines.note(event.text);
        return;
      // Shown as notes with colours and commands, or meant for other readers.
      case 'failed':
      case 'unchanged':
      case 'metric':
      case 'published':
      case 'checkpoint':
      case 'metrics-drawn':
      case 'stop-heard':
      case 'output':
      case 'dropped':
      case 'exit-called':
      case 'leaving':
        return;
      default:
        unreachable(event);
    }
  };
}

function showLog({ stage, level, text }: RunEvent & { type: 'log' }, lines: Lines): void {
  if (level === 'warning') lines.warning(stage, text);
  if (level === 'notice') lines.notice(stage, text);
}
