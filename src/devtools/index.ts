/**
 * A page that shows every connection of a registry, live.
 *
 * @module hotline/devtools
 */

export { boardHandler, type BoardHandler, type BoardOptions } from './board-handler.ts';
export { serveBoard, type ServeBoardOptions, type ServedBoard } from './serve-board.ts';
