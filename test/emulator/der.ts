/** Distinguished Encoding Rules (ITU-T X.690), as much of them as a certificate needs. */

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const NULL = 0x05;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
const SET = 0x31;

function tlv(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag, ...length(content.length)]), content]);
}

/** X.690, 8.1.3: short form up to 127, then the count of the bytes that follow. */
function length(value: number): number[] {
  if (value < 0x80) return [value];
  const bytes = bigEndian(BigInt(value));
  return [0x80 | bytes.length, ...bytes];
}

function bigEndian(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0n || bytes.length === 0; rest >>= 8n) {
    bytes.unshift(Number(rest & 0xffn));
  }
  return bytes;
}

/** A number that is not negative; X.690, 8.3: a leading bit of 1 would make it so. */
export function integer(value: bigint): Buffer {
  const bytes = bigEndian(value);
  return tlv(INTEGER, Buffer.from(bytes[0]! & 0x80 ? [0, ...bytes] : bytes));
}

export function sequence(...items: Uint8Array[]): Buffer {
  return tlv(SEQUENCE, Buffer.concat(items));
}

export function setOf(item: Uint8Array): Buffer {
  return tlv(SET, item);
}

export function utf8(value: string): Buffer {
  return tlv(UTF8_STRING, Buffer.from(value));
}

/** Whole bytes: no unused bits. */
export function bits(value: Uint8Array): Buffer {
  return tlv(BIT_STRING, Buffer.concat([Buffer.from([0]), value]));
}

export function nothing(): Buffer {
  return tlv(NULL, Buffer.alloc(0));
}

/** `[n]` EXPLICIT. */
export function tagged(n: number, content: Uint8Array): Buffer {
  return tlv(0xa0 | n, content);
}

/** From the dotted form; X.690, 8.19: the first two arcs share a byte, the others are base 128. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest.flatMap(base128)];
  return tlv(OBJECT_IDENTIFIER, Buffer.from(bytes));
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift(0x80 | (rest & 0x7f));
  return bytes;
}

/** RFC 5280, 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on. */
export function time(milliseconds: number): Buffer {
  const date = new Date(milliseconds);
  const digits = date.toISOString().replace(/\.\d+|[-:T]/g, '');
  const year = date.getUTCFullYear();
  return year >= 1950 && year < 2050
    ? tlv(UTC_TIME, Buffer.from(digits.slice(2)))
    : tlv(GENERALIZED_TIME, Buffer.from(digits));
}
