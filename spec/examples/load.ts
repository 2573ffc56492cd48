import { Agent, request, type IncomingMessage } from 'node:http';

/** What became of the requests: how many had which answer (`200`) or which error (`ECONNRESET`), and how many went to each target. */
export interface Outcome {
  readonly answers: Record<string, number>;
  readonly sent: readonly number[];
}

interface Answer {
  readonly what: string;
  /** Whether the connection is open for the next request. */
  readonly kept: boolean;
}

/**
 * Sends so many requests for `path` from so many clients at a time, each once, as a service of Kubernetes does: a new connection goes to the
 * next target that says it is ready, and stays there until that closes it. `halfway` is called when half of
 * the requests are sent.
 */
export async function load(
  targets: readonly string[],
  { path, requests, clients, halfway }: { path: string; requests: number; clients: number; halfway: () => void },
): Promise<Outcome> {
  const ready = targets.map(() => true);
  const sent = targets.map(() => 0);
  const answers: Record<string, number> = {};
  let begun = 0;
  let turn = 0;

  const probes = targets.map(async (target, index) => {
    while (begun < requests) {
      ready[index] = (await answerOf(`${target}/health/ready`, new Agent())).what === '200';
      await new Promise((done) => setTimeout(done, 20));
    }
  });
  const next = (): number => {
    do turn = (turn + 1) % targets.length;
    while (!ready[turn] && ready.includes(true));
    return turn;
  };
  const client = async (): Promise<void> => {
    while (begun < requests) {
      const target = next();
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let kept = true; kept && begun < requests;) {
        if (++begun === requests / 2) halfway();
        sent[target]!++;
        const answer = await answerOf(targets[target]! + path, agent);
        answers[answer.what] = (answers[answer.what] ?? 0) + 1;
        kept = answer.kept;
      }
      agent.destroy();
    }
  };
  await Promise.all([...probes, ...Array.from({ length: clients }, client)]);
  return { answers, sent };
}

function answerOf(url: string, agent: Agent): Promise<Answer> {
  return new Promise((done) => {
    const failed = ({ code, message }: NodeJS.ErrnoException): void => done({ what: code ?? message, kept: false });
    const answered = (response: IncomingMessage): void => {
      const { statusCode, headers } = response;
      response.once('end', () => done({ what: String(statusCode), kept: headers.connection !== 'close' }));
      response.once('error', failed).resume();
    };
    request(url, { agent }, answered).once('error', failed).end();
  });
}
