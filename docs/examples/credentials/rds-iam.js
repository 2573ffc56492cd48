// Tokens of IAM for RDS and Aurora: signed here, without a request, and good for a login within 15 minutes. They need TLS.
//   createConnections({ credentials: { iam: rdsIam({ region: 'eu-central-1' }) } }), and in the section: credentials = "iam"
import { Signer } from '@aws-sdk/rds-signer';

/** `credentials`: those of AWS, or a function that gives them; where nothing is said they are found as the SDK finds them. */
export function rdsIam({ region, credentials } = {}) {
  return async ({ host, port, username }) => {
    const signer = new Signer({ hostname: host, port: port ?? 5432, username, region, credentials });
    return { password: await signer.getAuthToken(), expiresAt: Date.now() + 15 * 60_000 };
  };
}
