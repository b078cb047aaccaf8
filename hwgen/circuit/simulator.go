package circuit

import "fmt"

// Simulator interprets a module, cycle by cycle. It is slow, needs no tool, and serves to test units.
type Simulator struct {
	module   *Module
	inputs   map[string]*Expr // top level: constants; below: expressions of the parent
	parent   *Simulator
	children map[*Instance]*Simulator
	state    map[*Signal]int64 // registers
	settled  map[*Signal]int64 // wires and outputs of this cycle
	busy     map[*Signal]bool  // being evaluated: meets itself in a combinational loop
}

// NewSimulator starts a module with all inputs and registers 0.
func NewSimulator(m *Module) *Simulator {
	s := newSimulator(m, nil)
	for _, in := range m.Inputs {
		s.inputs[in.Name] = Constant(in.Type, 0)
	}
	return s
}

func newSimulator(m *Module, parent *Simulator) *Simulator {
	s := &Simulator{
		module: m, parent: parent, inputs: map[string]*Expr{}, children: map[*Instance]*Simulator{},
		state: map[*Signal]int64{}, settled: map[*Signal]int64{}, busy: map[*Signal]bool{},
	}
	for _, in := range m.Instances {
		child := newSimulator(in.Module, s)
		for i, port := range in.Module.Inputs {
			child.inputs[port.Name] = in.Inputs[i]
		}
		s.children[in] = child
	}
	return s
}

// Set puts a value on an input port.
func (s *Simulator) Set(port string, value int64) {
	old, ok := s.inputs[port]
	if !ok {
		panic(fmt.Sprintf("circuit: %s has no input %s", s.module.Name, port))
	}
	s.inputs[port] = Constant(old.Type, value)
	s.unsettle()
}

// Get reads an output port as it is in this cycle.
func (s *Simulator) Get(port string) int64 {
	for _, out := range s.module.Outputs {
		if out.Name == port {
			return s.signal(out)
		}
	}
	panic(fmt.Sprintf("circuit: %s has no output %s", s.module.Name, port))
}

// Step is a rising edge of the clock.
func (s *Simulator) Step() {
	s.commit(s.next(map[*Simulator]map[*Signal]int64{}))
	s.unsettle()
}

// Reset is a rising edge with reset on.
func (s *Simulator) Reset() {
	s.Step()
	s.reset()
	s.unsettle()
}

// next evaluates every register's next value before any of them changes.
func (s *Simulator) next(all map[*Simulator]map[*Signal]int64) map[*Simulator]map[*Signal]int64 {
	values := map[*Signal]int64{}
	for _, r := range s.module.Registers {
		if r.Enable == nil || s.eval(r.Enable) != 0 {
			values[r] = s.eval(r.Next)
		}
	}
	all[s] = values
	for _, child := range s.children {
		child.next(all)
	}
	return all
}

func (s *Simulator) commit(all map[*Simulator]map[*Signal]int64) {
	for simulator, values := range all {
		for r, v := range values {
			simulator.state[r] = v
		}
	}
}

func (s *Simulator) reset() {
	for _, r := range s.module.Registers {
		if r.Reset != nil {
			s.state[r] = *r.Reset
		}
	}
	for _, child := range s.children {
		child.reset()
	}
}

func (s *Simulator) unsettle() {
	clear(s.settled)
	for _, child := range s.children {
		child.unsettle()
	}
}

func (s *Simulator) signal(x *Signal) int64 {
	switch x.Role {
	case RoleRegister:
		return s.state[x]
	case RoleInput:
		if s.parent == nil {
			return s.inputs[x.Name].Value
		}
		return s.parent.eval(s.inputs[x.Name])
	case RoleInstanceOutput:
		return s.children[x.Instance].signal(x.Port)
	}
	if v, ok := s.settled[x]; ok {
		return v
	}
	if s.busy[x] {
		panic(fmt.Sprintf("circuit: %s.%s depends on itself", s.module.Name, x.Name))
	}
	s.busy[x] = true
	v := s.eval(x.Value)
	s.busy[x] = false
	s.settled[x] = v
	return v
}

func (s *Simulator) eval(e *Expr) int64 {
	switch e.Op {
	case OpConstant:
		return e.Value
	case OpSignal:
		return s.signal(e.Signal)
	case OpMux:
		if s.eval(e.Args[0]) != 0 {
			return s.eval(e.Args[1])
		}
		return s.eval(e.Args[2])
	}
	a := s.eval(e.Args[0])
	var b int64
	if len(e.Args) > 1 {
		b = s.eval(e.Args[1])
	}
	return e.Type.Value(e.Type.Bits(evalOp(e, a, b)))
}

// evalOp is the unwrapped result of an operation; a and b are values of the operands' types.
func evalOp(e *Expr, a, b int64) int64 {
	of := e.Args[0].Type
	switch e.Op {
	case OpAdd:
		return a + b
	case OpSub:
		return a - b
	case OpMul:
		return a * b
	case OpAnd:
		return a & b
	case OpOr:
		return a | b
	case OpNot:
		return ^a
	case OpEqual:
		return truth(a == b)
	case OpLess:
		if of.Kind == KindSigned {
			return truth(a < b)
		}
		return truth(uint64(a) < uint64(b))
	case OpShiftLeft:
		return int64(uint64(a) << uint64(b))
	case OpShiftRight:
		if of.Kind == KindSigned {
			return a >> uint64(b)
		}
		return int64(uint64(a) >> uint64(b))
	case OpSlice:
		return int64(of.Bits(a) >> e.Low)
	case OpConcat:
		low := e.Args[1].Type
		return int64(of.Bits(a)<<low.Width | low.Bits(b))
	default: // OpExtend, OpRead
		return a
	}
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
