// Package stepbench times training steps and inference of whole networks, beside those of other libraries, in turns: each
// turn has a step of every task and of its peer, so that what disturbs the machine disturbs all, and ratios are taken
// turn by turn.
package stepbench
