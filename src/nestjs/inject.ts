import { Inject } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { ConnectionName, ConnectionOf, ConnectionRegistry, Connections } from '../index.ts';

/** Under which the registry is provided: `app.get(registryToken)`. */
export const registryToken = 'hotline registry';

/** @internal Under which the options of `forRoot` are provided. */
export const optionsToken = 'hotline options';

/** Under which the handle of a connection is provided: `overrideProvider(connectionToken('pets'))`. */
export function connectionToken(name: string): string {
  return `hotline connection("${name}")`;
}

/** Under which the stream of handles of a connection is provided. */
export function connectionToken$(name: string): string {
  return `hotline connection$("${name}")`;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- a connection whose kind nobody said fits everywhere */

/** The type that is injected under a name: anything, until `Connections` says which there are. */
export type Injected<Name extends string> = [keyof Connections] extends [never] ? any : ConnectionOf<Name>;

/**
 * A decorator of a property or of a parameter of a constructor. The type of a property is checked; of a constructor, that
 * one of its parameters takes what is injected: a decorator cannot see which one it stands at.
 */
export interface InjectDecorator<V> {
  <T extends object, K extends string | symbol>(
    target: K extends keyof T ? (V extends T[K] ? T : never) : T,
    key: K,
  ): void;
  <C extends abstract new (...parameters: any) => unknown>(
    target: V extends ConstructorParameters<C>[number] ? C : never,
    key: undefined,
    index: number,
  ): void;
}

/**
 * Injects the handle of a connection that `forRoot` or `forFeature` lists; it serves when the application starts.
 *
 * @example
 * class Pets { constructor(@InjectConnection('pets') readonly pets: SqlConnection) {} }
 */
export function InjectConnection<Name extends ConnectionName>(name: Name): InjectDecorator<Injected<Name>> {
  return Inject(connectionToken(name));
}

/**
 * Injects the stream of a connection's handles: nothing is opened before somebody subscribes.
 *
 * @example
 * class Pets { constructor(@InjectConnection$('pets') readonly pets$: Observable<SqlConnection>) {} }
 */
export function InjectConnection$<Name extends ConnectionName>(
  name: Name,
): InjectDecorator<Observable<Injected<Name>>> {
  return Inject(connectionToken$(name));
}

/** Injects the registry: for connections that were not listed, events and figures. */
export function InjectRegistry(): InjectDecorator<ConnectionRegistry> {
  return Inject(registryToken);
}
