package train

import (
	"maps"
	"slices"
	"strings"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/optimizers"
	"github.com/pkg/errors"
)

// Folders of tensors in a checkpoint.
const (
	parameterFolder = "parameter/"
	statisticFolder = "statistic/"
	averagedFolder  = "averaged-statistic/" // of the averaged network, see newAveraged
	optimizerFolder = "optimizer/"
)

// putNetwork stores parameters and running statistics.
func (c *checkpoint) putNetwork(p *graph.Program) {
	for _, q := range p.Parameters() {
		c.tensors[parameterFolder+q.Name] = &npy.Array{Shape: q.Node.Shape(), Data: slices.Clone(q.Value.F32)}
	}
	c.putStatistics(statisticFolder, p, copyStatistics(p))
}

func (c *checkpoint) putStatistics(folder string, p *graph.Program, s statistics) {
	for i, norm := range p.BatchNorms() {
		for k, kind := range []string{".mean", ".variance"} {
			c.tensors[folder+norm.Name+kind] = &npy.Array{Shape: []int{len(s[i][k])}, Data: s[i][k]}
		}
	}
}

// network makes parameters and running statistics those of the checkpoint.
func (c *checkpoint) network(p *graph.Program) error {
	var values [][]float32
	for _, q := range p.Parameters() {
		v, err := elements[float32](c, parameterFolder+q.Name, len(q.Value.F32))
		if err != nil {
			return err
		}
		values = append(values, v)
	}
	s, err := c.statistics(statisticFolder, p)
	if err != nil {
		return err
	}
	for i, q := range p.Parameters() {
		copy(q.Value.F32, values[i])
	}
	s.restore(p)
	return nil
}

// statistics returns the statistics of a folder.
func (c *checkpoint) statistics(folder string, p *graph.Program) (statistics, error) {
	var s statistics
	for _, norm := range p.BatchNorms() {
		var pair [2][]float64
		for k, kind := range []string{".mean", ".variance"} {
			var err error
			if pair[k], err = elements[float64](c, folder+norm.Name+kind, len(norm.Running.Mean)); err != nil {
				return nil, err
			}
		}
		s = append(s, pair)
	}
	return s, nil
}

// hasAveraged reports whether the averaged network's statistics were known when the checkpoint was written.
func (c *checkpoint) hasAveraged() bool {
	for name := range c.tensors {
		if strings.HasPrefix(name, averagedFolder) {
			return true
		}
	}
	return false
}

func elements[T npy.Element](c *checkpoint, name string, n int) ([]T, error) {
	a := c.tensors[name]
	if a == nil {
		return nil, errors.Errorf("tensor %q is missing", name)
	}
	data, err := npy.Elements[T](a)
	if err != nil {
		return nil, errors.Wrapf(err, "tensor %q", name)
	}
	if len(data) != n {
		return nil, errors.Errorf("tensor %q has %d elements, the model has %d", name, len(data), n)
	}
	return data, nil
}

// putOptimizer stores an optimizer's state.
func (c *checkpoint) putOptimizer(s optimizers.State) {
	c.Optimizer = s.Optimizer
	for _, n := range s.Counters {
		c.Counters = append(c.Counters, counter(n))
	}
	for _, t := range s.Tensors {
		c.tensors[optimizerFolder+t.Name] = &npy.Array{Shape: t.Shape, Data: t.Value.F32}
	}
}

// optimizer returns the optimizer's state.
func (c *checkpoint) optimizer() (optimizers.State, error) {
	s := optimizers.State{Optimizer: c.Optimizer}
	for _, n := range c.Counters {
		s.Counters = append(s.Counters, optimizers.Counter(n))
	}
	for _, name := range slices.Sorted(maps.Keys(c.tensors)) {
		short, ok := strings.CutPrefix(name, optimizerFolder)
		if !ok {
			continue
		}
		a := c.tensors[name]
		data, err := npy.Elements[float32](a)
		if err != nil {
			return s, errors.Wrapf(err, "tensor %q", name)
		}
		s.Tensors = append(s.Tensors, optimizers.StateTensor{Name: short, Shape: a.Shape, Value: optimizers.Vector{F32: data}})
	}
	return s, nil
}
