package emulate

import (
	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/pkg/errors"
)

// Interpreter is a program that was checked and prepared to run. It does not change: several goroutines may use it.
type Interpreter struct {
	program *Program
	nodes   []node // one for each layer
	index   map[string]int
	size    int // codes of all layers for one image
}

// node is a prepared layer.
type node struct {
	inputs []int // indices of layers
	shape  []int // of the output of one image
	step   step
}

// NewInterpreter checks and prepares a program. The error names the layer and what to do. The program must not be changed
// afterwards.
func NewInterpreter(p *Program) (*Interpreter, error) {
	if p.Target == nil {
		return nil, errors.New("the program has no target")
	}
	rule, err := requant.Get(p.Target.Requantization)
	if err != nil {
		return nil, errors.Wrapf(err, "target %s", p.Target.Name)
	}
	if len(p.Layers) == 0 || len(p.Layers) > maxLayers {
		return nil, errors.Errorf("a program of %d layers; it may have 1 to %d", len(p.Layers), maxLayers)
	}
	in := &Interpreter{program: p, nodes: make([]node, len(p.Layers)), index: make(map[string]int, len(p.Layers))}
	for i := range p.Layers {
		layer := &p.Layers[i]
		if err := in.prepare(i, layer, rule); err != nil {
			return nil, errors.Wrapf(err, "layer %d (%s)", i+1, layer.Name)
		}
		in.index[layer.Name] = i
	}
	return in, nil
}

// prepare checks a layer whose inputs are prepared and compiles it.
func (in *Interpreter) prepare(i int, layer *Layer, rule requant.Rule) error {
	p := in.program
	if _, twice := in.index[layer.Name]; twice || layer.Name == "" {
		return errors.New("its name is empty or that of an earlier layer")
	}
	if layer.Op == nil {
		return errors.New("it has no op")
	}
	if len(layer.Inputs) != layer.Op.arity() {
		return errors.Errorf("a %s layer has %d inputs, not %d", layer.Op.Kind(), layer.Op.arity(), len(layer.Inputs))
	}
	if err := layer.Output.check(p.Target.Operands.Activation); err != nil {
		return err
	}
	n := &in.nodes[i]
	s := &scope{target: p.Target, rule: rule, layer: layer}
	for _, name := range layer.Inputs {
		j, ok := in.index[name]
		if !ok {
			return errors.Errorf("its input %q is no earlier layer", name)
		}
		n.inputs = append(n.inputs, j)
		s.inputs = append(s.inputs, p.Layers[j].Output)
		s.shapes = append(s.shapes, in.nodes[j].shape)
	}
	var err error
	if _, first := layer.Op.(*Quantize); first && i == 0 {
		n.shape = p.Input
	} else if i == 0 {
		return errors.New("the first layer must be a quantize layer")
	} else if n.shape, err = layer.Op.shape(s.shapes); err != nil {
		return err
	}
	size, err := elements(n.shape)
	if err != nil {
		return err
	}
	if in.size += size; in.size > maxProgram {
		return errors.Errorf("the layers up to here have more than %d codes for one image", maxProgram)
	}
	s.outputs = n.shape
	n.step, err = layer.Op.compile(s)
	return err
}

// Program is what the interpreter runs.
func (in *Interpreter) Program() *Program { return in.program }

// Shape is the shape of the output of one image of a layer.
func (in *Interpreter) Shape(layer string) ([]int, error) {
	i, err := in.find(layer)
	if err != nil {
		return nil, err
	}
	return in.nodes[i].shape, nil
}

func (in *Interpreter) find(layer string) (int, error) {
	i, ok := in.index[layer]
	if !ok {
		return 0, errors.Errorf("the program has no layer %q", layer)
	}
	return i, nil
}
