package train

import (
	"fmt"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/optimizers"
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// needs are what a run takes, in bytes.
type needs struct {
	graph int64 // the tensors of its programs
	state int64 // parameters, what the optimizer keeps for them, and a checkpoint's copy of both
	data  int64 // the data set, which is loaded already, and batches
}

// Copies of the parameters that optimizers keep besides the model's own: the gradient, momentum or averages, and the
// copies of a checkpoint; with variance reduction also the anchor, the full gradient and its sum in float64, the two inner
// gradients, the offset and their copies.
const (
	plainCopies   = 5
	reducedCopies = 14
)

// needsOf estimates what training a net takes.
func needsOf(c *Config, net *nets.Net, program graph.Memory, optimizer optimizers.Config) needs {
	m := needs{graph: program.Total()}
	copies := int64(plainCopies)
	switch optimizer.(type) {
	case *optimizers.SVRG, *optimizers.LPSVRG, *optimizers.HALP:
		copies = reducedCopies
	case *optimizers.SWALP:
		m.graph *= 2 // the averages have a program of their own
	}
	for _, n := range net.Parameters {
		m.state += copies * 4 * int64(n.Shape().TotalSize())
	}
	switch s := c.Set.(type) {
	case *datasets.Images:
		m.data = int64(len(s.Train.Pixels) + len(s.Test.Pixels) + len(s.Train.Labels) + len(s.Test.Labels))
	case *datasets.Text:
		m.data = 2 * int64(len(s.Train)+len(s.Test))
	}
	const batches = 3 // the model's inputs, and one of each part that is assembled ahead of them
	for _, list := range []gorgonia.Nodes{net.Inputs, net.Targets} {
		for _, n := range list {
			m.data += batches * 4 * int64(n.Shape().TotalSize())
		}
	}
	return m
}

// check tells what the run takes, and refuses one that takes more than is free, where that is known.
func (m needs) check(c *Config, free int64, known bool) error {
	total := m.graph + m.state + m.data
	message := fmt.Sprintf("needs about %s of memory (graph %s, optimizer and checkpoint %s, data %s)",
		bytesText(total), bytesText(m.graph), bytesText(m.state), bytesText(m.data))
	if known {
		message += ", " + bytesText(free) + " are free"
	}
	if c.Inform != nil {
		c.Inform(message)
	}
	// The data are loaded already.
	if known && m.graph+m.state > free && !c.IgnoreMemory {
		return errors.Errorf("the run %s; use a smaller batch (--batch), here %d, or --ignore-memory to try all the same", message, c.Batch)
	}
	return nil
}

// bytesText is a number of bytes in words, two digits of it at least.
func bytesText(bytes int64) string {
	const mega, giga = 1_000_000, 1_000_000_000
	switch {
	case bytes >= 10*giga:
		return fmt.Sprintf("%d GB", bytes/giga)
	case bytes >= giga:
		return fmt.Sprintf("%.1f GB", float64(bytes)/giga)
	case bytes >= 10*mega:
		return fmt.Sprintf("%d MB", bytes/mega)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/mega)
}
