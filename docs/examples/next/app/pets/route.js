// Next.js: GET /pets. The default registry outlives the development server's reloads, so that a saved file opens nothing again.
import { connection } from 'hotline';

export const dynamic = 'force-dynamic';

export async function GET() {
  const pets = await connection('pets', { type: 'sql' });
  return Response.json(await pets.query('select * from pet'));
}
