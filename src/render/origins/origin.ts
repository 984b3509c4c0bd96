import type { Place } from "../render.ts";

/** One thing a scalar was made of: a value with the layer that won it, or a fact of the release. Values themselves are never told: they may be secret. */
export interface Source {
  /** From the root chart: `Values.redis.port`, `Release.Name`, `now`. */
  readonly path: string;
  /** `values.yaml`, `inline values`, `parameter image.tag`, `release`, `not set`. */
  readonly layer: string;
  /** Where the layer says it, when that is a text. */
  readonly place?: Place;
}

/** A stretch of a template that wrote a part of a scalar, and the calls (include, template, partial, tpl) that led there, outermost first. */
export interface Piece {
  readonly place: Place;
  readonly through: readonly Place[];
}

/** Where one scalar of a manifest came from. */
export interface Origin {
  /** Field path in the object. */
  readonly path: readonly (string | number)[];
  /** `text` stands so in the file; `copy` is its one input unchanged; `computed` was made from all of `inputs`. */
  readonly kind: "text" | "copy" | "computed";
  /** In the order of the text. */
  readonly pieces: readonly Piece[];
  readonly inputs: readonly Source[];
  /** What decided that the line is there at all: the subjects of if, with and range around it. */
  readonly conditions: readonly Source[];
}

/** The objects whose origins are asked for. */
export interface OriginQuery {
  readonly kind: string;
  readonly name: string;
  /** Any when undefined. */
  readonly namespace?: string;
}

/** The origins of one object's scalars, in the order of its text. */
export interface ObjectOrigins {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly origins: readonly Origin[];
}
