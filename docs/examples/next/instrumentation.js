// Next.js: the board beside the app, while it is developed.
import { defaultConnections } from 'hotline';
import { serveBoard } from 'hotline/devtools';

export async function register() {
  // Next loads this file for its edge runtime too, which has no sockets.
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  if (process.env.NODE_ENV === 'production') return;
  const board = await serveBoard(defaultConnections(), { port: 0 });
  console.log(`The board: ${board.url}`);
}
