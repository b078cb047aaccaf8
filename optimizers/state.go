package optimizers

import (
	"github.com/pkg/errors"
)

// State is everything that an optimizer's next steps depend on, in a form that a checkpoint can store.
type State struct {
	// Optimizer is the name of the algorithm.
	Optimizer string
	// Counters are in a fixed order.
	Counters []Counter
	// Tensors are in a fixed order; none shares memory with the optimizer.
	Tensors []StateTensor
}

// Counter is a named whole number of a State.
type Counter struct {
	Name  string
	Value int64
}

// StateTensor is a named tensor of a State, NAME.momentum for example.
type StateTensor struct {
	Name  string
	Shape []int
	Value Vector
}

func (s *State) count(name string, value int) {
	s.Counters = append(s.Counters, Counter{name, int64(value)})
}

// counter returns a counter that must be there and not be negative.
func (s State) counter(name string) (int, error) {
	for _, c := range s.Counters {
		if c.Name != name {
			continue
		}
		if c.Value < 0 || int64(int(c.Value)) != c.Value {
			return 0, errors.Errorf("state of %s: counter %q is %d, out of range", s.Optimizer, name, c.Value)
		}
		return int(c.Value), nil
	}
	return 0, errors.Errorf("state of %s: counter %q is missing", s.Optimizer, name)
}

// store appends a copy of one tensor per parameter.
func store[T element](s *State, parameters []*Parameter, kind string, values [][]T) {
	for i, p := range parameters {
		s.Tensors = append(s.Tensors, StateTensor{tensorName(p, kind), append([]int(nil), p.Shape...), vectorOf(values[i]).Clone()})
	}
}

// load returns copies of the tensors of one kind, one per parameter.
func load[T element](s State, parameters []*Parameter, kind string) ([][]T, error) {
	values := make([][]T, len(parameters))
	for i, p := range parameters {
		name := tensorName(p, kind)
		found := s.tensor(name)
		if found == nil {
			return nil, errors.Errorf("state of %s: tensor %q is missing", s.Optimizer, name)
		}
		stored := slice[T](found.Value)
		if len(stored) != p.Value.Len() {
			return nil, errors.Errorf("state of %s: tensor %q has %d elements in the parameters' type, want %d",
				s.Optimizer, name, len(stored), p.Value.Len())
		}
		values[i] = append([]T(nil), stored...)
	}
	return values, nil
}

func (s State) tensor(name string) *StateTensor {
	for i := range s.Tensors {
		if s.Tensors[i].Name == name {
			return &s.Tensors[i]
		}
	}
	return nil
}
