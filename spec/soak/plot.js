// The samples as one picture: a strip for each measure, over the same time.
const width = 860;
const strip = 110;
const left = 110;
const right = 20;
const colours = ['#1f6feb', '#8250df', '#bf8700', '#cf222e', '#1a7f37'];

export function plotOf(samples, measures, title) {
  const end = samples.at(-1).seconds;
  const x = (seconds) => left + (seconds / end) * (width - left - right);
  const top = (i) => 50 + i * (strip + 24);
  const height = top(measures.length) + 16;
  const strips = measures.map((measure, i) => {
    const values = samples.map(({ values }) => values[i]);
    if (values.some(Number.isNaN)) return text(left + 8, top(i) + 16, `${measure}: not to be had on this system`, '');
    const most = Math.max(...values) * 1.1 || 1;
    const y = (value) => top(i) + strip - (value / most) * strip;
    const points = samples.map(({ seconds }, k) => `${x(seconds).toFixed(1)},${y(values[k]).toFixed(1)}`).join(' ');
    return [
      `<rect x="${left}" y="${top(i)}" width="${width - left - right}" height="${strip}" fill="#f6f8fa"/>`,
      `<rect x="${left}" y="${top(i)}" width="${(x(end / 3) - left).toFixed(1)}" height="${strip}" fill="#eaeef2"/>`,
      `<polyline points="${points}" fill="none" stroke="${colours[i]}" stroke-width="1.5"/>`,
      text(left - 8, top(i) + strip / 2, measure, 'text-anchor="end" font-weight="600"'),
      text(left - 8, top(i) + 12, Math.round(most), 'text-anchor="end" fill="#57606a"'),
      text(left - 8, top(i) + strip, 0, 'text-anchor="end" fill="#57606a"'),
    ].join('\n');
  });
  const foot = top(measures.length) - 6;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>${title}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(left, 24, title, 'font-size="15" font-weight="600"'),
    text(left + 6, 42, 'warming up', 'fill="#57606a"'),
    ...strips,
    ...[0, 0.25, 0.5, 0.75, 1].map((share) =>
      text(x(share * end), foot, `${Math.round(share * end)} s`, 'text-anchor="middle" fill="#57606a"'),
    ),
    '</svg>\n',
  ].join('\n');
}

function text(x, y, words, attributes) {
  return `<text x="${Math.round(x)}" y="${Math.round(y)}" ${attributes}>${words}</text>`;
}
