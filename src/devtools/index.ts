// `hotline/devtools`: a page that shows every connection of a registry, live.

export { boardHandler, type BoardHandler, type BoardOptions } from './board-handler.ts';
export { serveBoard, type ServeBoardOptions, type ServedBoard } from './serve-board.ts';
