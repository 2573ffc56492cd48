// Next.js: GET /health/live and /health/ready.
import { defaultConnections } from 'hotline';
import { healthReport } from 'hotline/health';

export const dynamic = 'force-dynamic';

export async function GET(_request, { params }) {
  const { probe } = await params;
  if (probe === 'live') return Response.json({ status: 'up' });
  const report = await healthReport(defaultConnections(), { connections: ['pets'] });
  return Response.json(report, { status: report.status === 'down' ? 503 : 200 });
}
