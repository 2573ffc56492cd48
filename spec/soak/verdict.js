import { median } from '../bench/support/lab.js';

/** How much each measure may have grown over the last two thirds, by the line through them. */
export const allowed = { 'heap MB': 4, resources: 6, sockets: 4, descriptors: 4 };

/** Samples of which the least counts: what a query or a rotation holds for a moment is gone in one of them, what leaks is in all. */
const moments = 10;

/** The first third warms up: code is compiled, pools are filled, caches reach their bounds. */
export function growths(samples, measures) {
  const late = samples.slice(Math.floor(samples.length / 3));
  const span = late.at(-1).seconds - late[0].seconds;
  return measures.map((measure, i) => {
    const points = late.map(({ seconds, values }) => [seconds, values[i]]);
    const growth = slope(floors(points)) * span;
    const limit = allowed[measure];
    return {
      measure,
      median: median(points.map(([, y]) => y)),
      least: Math.min(...points.map(([, y]) => y)),
      most: Math.max(...points.map(([, y]) => y)),
      growth,
      limit: limit ?? '',
      flat: limit === undefined || Number.isNaN(growth) ? 'not judged' : growth <= limit ? 'yes' : 'NO',
    };
  });
}

function floors(points) {
  const windows = Array.from({ length: Math.floor(points.length / moments) }, (_, i) =>
    points.slice(i * moments, (i + 1) * moments),
  );
  return windows.map((window) => window.reduce((least, point) => (point[1] < least[1] ? point : least)));
}

/** The median of the slopes between all pairs of points (Theil and Sen): a spike does not tilt it. */
function slope(points) {
  const slopes = [];
  for (let i = 0; i < points.length; i++)
    for (let j = i + 1; j < points.length; j++)
      slopes.push((points[j][1] - points[i][1]) / (points[j][0] - points[i][0]));
  return median(slopes);
}
