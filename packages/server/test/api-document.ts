import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';

export type JsonSchema = Readonly<Record<string, unknown>>;

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

interface Reply {
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

/** Something that the document says can be asked for. */
export interface DocumentedRoute {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH';
  /** As the document writes it: `/api/v1/config/{key}`. */
  readonly path: string;
  readonly summary: string | undefined;
  readonly tags: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly body: JsonSchema | null;
  readonly responses: Readonly<Record<string, Reply>>;
}

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
  readonly responses: Readonly<Record<string, Reply>>;
}

/** What `/openapi.json` says, and whether a reply is as it says. */
export class ApiDocument {
  readonly routes: readonly DocumentedRoute[];
  readonly json: JsonSchema;
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false });
  readonly #validators = new Map<JsonSchema, ValidateFunction>();

  private constructor(json: JsonSchema) {
    this.json = json;
    this.#ajv.addSchema(json, 'document');
    const paths = Object.entries(json['paths'] as Record<string, Record<string, Operation>>);
    this.routes = paths.flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { summary, tags = [], parameters = [], requestBody, responses }]) => ({
        method: method.toUpperCase() as DocumentedRoute['method'],
        path,
        summary,
        tags,
        parameters,
        body: requestBody?.content['application/json']?.schema ?? null,
        responses,
      })),
    );
  }

  static async of(app: FastifyInstance): Promise<ApiDocument> {
    return new ApiDocument((await app.inject('/openapi.json')).json());
  }

  /** What about a reply is not as documented; empty: nothing. */
  problemsWith({ responses }: DocumentedRoute, { statusCode, headers, body }: LightMyRequestResponse): string[] {
    const reply = responses[statusCode] ?? responses[`${String(statusCode)[0]}XX`];
    if (reply === undefined) return [`status ${statusCode} is not documented`];
    if (statusCode === 304) return body === '' ? [] : ['a 304 with a body'];
    const mediaType = String(headers['content-type']).split(';', 1)[0] ?? '';
    const schema = reply.content?.[mediaType]?.schema;
    if (schema === undefined) return [`${mediaType} is not documented for status ${statusCode}`];
    const validate = this.#validatorOf(schema);
    if (validate(mediaType === 'application/json' ? JSON.parse(body) : body)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) =>
      [instancePath, message, JSON.stringify(params)].join(' '),
    );
  }

  /** A schema without its references. */
  resolve(schema: JsonSchema): JsonSchema {
    const { $ref } = schema;
    if (typeof $ref !== 'string') return schema;
    const schemas = (this.json['components'] as { schemas: Record<string, JsonSchema> }).schemas;
    return schemas[$ref.split('/').at(-1) ?? ''] ?? {};
  }

  #validatorOf(schema: JsonSchema): ValidateFunction {
    const known = this.#validators.get(schema);
    if (known !== undefined) return known;
    const text = JSON.stringify(schema).replaceAll('"#/components', '"document#/components');
    const validate = this.#ajv.compile(JSON.parse(text) as JsonSchema);
    this.#validators.set(schema, validate);
    return validate;
  }
}
