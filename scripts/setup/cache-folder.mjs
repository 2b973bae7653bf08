import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The user's cache folder, for files that can be fetched again; ours is `chat-events` in it. */
export function cacheFolder() {
  const home = homedir();
  const given = process.env.XDG_CACHE_HOME ?? '';
  if (isAbsolute(given)) return join(given, 'chat-events');
  if (process.platform === 'darwin') return join(home, 'Library', 'Caches', 'chat-events');
  if (process.platform === 'win32')
    return join(process.env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'chat-events');
  return join(home, '.cache', 'chat-events');
}
