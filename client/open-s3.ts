/** The parts of the SDK that are called here: it is installed only where there is a bucket. */
export interface S3 {
  putObject(request: At & { readonly Body: string | Uint8Array }, options: Aborted): Promise<unknown>;
  getObject(request: At & { readonly Range?: string }, options: Aborted): Promise<Found & { readonly Body?: Body }>;
  headObject(request: At, options: Aborted): Promise<Found>;
  deleteObject(request: At, options: Aborted): Promise<unknown>;
  listObjectsV2(
    request: { Bucket: string; Prefix: string; MaxKeys?: number; StartAfter?: string },
    options: Aborted,
  ): Promise<{ readonly Contents?: readonly (Found & { readonly Key?: string })[]; readonly IsTruncated?: boolean }>;
}

export interface At {
  readonly Bucket: string;
  readonly Key: string;
}

export interface Aborted {
  readonly abortSignal: AbortSignal;
}

interface Found {
  readonly LastModified?: Date;
  readonly ContentLength?: number;
}

interface Body {
  transformToString(): Promise<string>;
  transformToByteArray(): Promise<Uint8Array>;
}

const SDK: string = '@aws-sdk/client-s3';

/** Loaded when it is first needed: only who has a bucket has to install it. */
export async function openS3(): Promise<S3> {
  const { S3 } = (await import(SDK)) as { S3: new (options: object) => S3 }; // its aggregated client
  // Another server than that of AWS has its buckets by path.
  const endpoint = process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
  return new S3({
    maxAttempts: 3,
    // The name of a content is its checksum. Servers of others often know no further ones.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint && { forcePathStyle: true }),
  });
}

/** For the answer to a request for an object that may be missing. */
export function unlessMissing(error: unknown): undefined {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  if (name === 'NoSuchKey' || (name === 'NotFound' && $metadata?.httpStatusCode === 404)) return undefined;
  throw error;
}

/** An error of the SDK has a name, or the code of a socket's error, and often a status. */
export function explainS3(error: unknown): { reason: string; advice: string } {
  const {
    name = '',
    message = '',
    code,
    $metadata,
  } = error as Partial<NodeJS.ErrnoException> & {
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  const isNamed = !/^(Error|Unknown|UnknownError|TypeError)$/.test(name);
  const reason = code ?? (isNamed ? name : status === undefined ? message : `HTTP ${status}`);
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
    return { reason: `${SDK} is not installed`, advice: `Install it: npm install ${SDK}` };
  }
  if (name === 'CredentialsProviderError' || status === 401 || status === 403) {
    const rights = 's3:GetObject, s3:PutObject and s3:DeleteObject there, and s3:ListBucket';
    const advice = `Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the role of this machine; it needs ${rights}.`;
    return { reason, advice };
  }
  if (name === 'NoSuchBucket' || status === 404) return { reason, advice: 'Make the bucket, or correct its name.' };
  if (message.startsWith('Region is missing')) return { reason: message, advice: 'Set AWS_REGION.' };
  return { reason, advice: 'See that the service answers, and that AWS_REGION and AWS_ENDPOINT_URL_S3 are right.' };
}
