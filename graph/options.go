package graph

import (
	"runtime"

	"gorgonia.org/gorgonia"
)

// Option changes how Compile builds a program.
type Option func(*options)

type options struct {
	seed      uint64
	threads   int
	outputs   gorgonia.Nodes
	reference bool
	paranoid  bool
	memory    func(Memory) error
	observe   func(Tensor)
	blocks    blocking
}

// blocking says which tensors may lie in blocks of channels. Tests set it.
type blocking int

const (
	blocksWherePaid blocking = iota
	blocksNowhere
	blocksEverywhere // where there are kernels at all
)

func defaultOptions() options { return options{seed: 1, threads: runtime.NumCPU()} }

// WithSeed sets the seed of all random bits (1 if not given).
func WithSeed(seed uint64) Option { return func(o *options) { o.seed = seed } }

// WithThreads sets the number of threads (all processors if not given). It never changes a bit of any result.
func WithThreads(n int) Option { return func(o *options) { o.threads = n } }

// WithOutputs names nodes of the model, besides the loss, whose values are wanted after a run.
func WithOutputs(nodes ...*gorgonia.Node) Option {
	return func(o *options) { o.outputs = append(o.outputs, nodes...) }
}

// WithObserver calls observe with every tensor that a run computes, right after it was computed: an op's own output, then
// the same tensor after its quantize node. The array may be overwritten once observe has returned.
func WithObserver(observe func(Tensor)) Option {
	return func(o *options) { o.observe = observe }
}

// Reference runs the graph as it stands: every node by itself into memory of its own, on one thread. All plans give
// the bits of this one.
func Reference() Option { return func(o *options) { o.reference = true } }
