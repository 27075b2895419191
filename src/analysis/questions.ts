import type { PacketSpace } from '../packets/packet-space.ts';

/** Something the input cannot settle, as a variable of the space. */
export interface Question {
  /** What the answer hangs on, in words. */
  readonly reason: string;
  /** The rule that asks, where one rule does. */
  readonly rule?: number;
  /** Asked anew wherever its chain is entered; else one answer for the packet. */
  readonly perVisit: boolean;
}

/** The open questions of one evaluation: which variable stands for which. */
export class Questions {
  private readonly byKey = new Map<string, number>();
  private readonly byLevel = new Map<number, Question>();
  private readonly space: PacketSpace;

  constructor(space: PacketSpace) {
    this.space = space;
  }

  /** The variable of a fixed property of the packet: equal keys are the same question. */
  ofPacket(key: string, reason: string, rule?: number): number {
    let level = this.byKey.get(key);
    if (level === undefined) {
      level = this.space.question();
      this.byKey.set(key, level);
      this.byLevel.set(level, { reason, perVisit: false, ...(rule === undefined ? {} : { rule }) });
    }
    return level;
  }

  /** The variable of a question about the packet, if it was asked. */
  find(key: string): number | undefined {
    return this.byKey.get(key);
  }

  /** A variable of its own: the answer may differ each time the rule is met. */
  ofVisit(reason: string, rule: number): number {
    const level = this.space.question();
    this.byLevel.set(level, { reason, rule, perVisit: true });
    return level;
  }

  at(level: number): Question | undefined {
    return this.byLevel.get(level);
  }

  /** The same question, asked another time. */
  again(level: number): number {
    const question = this.byLevel.get(level)!;
    const fresh = this.space.question();
    this.byLevel.set(fresh, question);
    return fresh;
  }
}
