// What the engine asks of `NodeTable`, which instantiates it.

/** Throws: sets need more nodes than allowed, or more memory than there is. */
export declare function outOfRoom(): void;

/** Says where the nodes lie from now on. */
export declare function nodesMoved(start: usize): void;
