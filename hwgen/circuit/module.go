package circuit

import (
	"fmt"
	"regexp"
)

// Role is what a signal is in its module.
type Role uint8

// The roles of signals.
const (
	RoleInput Role = iota
	RoleOutput
	RoleWire
	RoleRegister
	RoleInstanceOutput
)

// Signal is a named value of a module.
type Signal struct {
	Name    string
	Type    Type
	Role    Role
	Comment string
	// Value drives a wire or an output.
	Value *Expr
	// Forward is set for a wire that is used before it is driven.
	Forward bool
	// Next is what a register takes at the rising edge of the clock when Enable holds; nil Enable: always.
	Next, Enable *Expr
	// Reset is the value after reset; nil: the register keeps what it had.
	Reset *int64
	// Instance and Port are the origin of an instance's output.
	Instance *Instance
	Port     *Signal
}

// Instance is a module used in another one.
type Instance struct {
	Name    string
	Module  *Module
	Inputs  []*Expr   // in the order of Module.Inputs
	Outputs []*Signal // in the order of Module.Outputs, named INSTANCE_PORT
}

// Module is a circuit with a name.
type Module struct {
	Name string
	// Doc says in whole sentences what the module does; it becomes the comment in the emitted text.
	Doc       string
	Inputs    []*Signal
	Outputs   []*Signal
	Wires     []*Signal // in order of definition: each uses only what is defined before it
	Registers []*Signal
	Instances []*Instance
	names     map[string]bool
}

// NewModule starts an empty module.
func NewModule(name, doc string) *Module {
	if !moduleName.MatchString(name) {
		panic(fmt.Sprintf("circuit: module name %q", name))
	}
	return &Module{Name: name, Doc: doc, names: map[string]bool{}}
}

var (
	moduleName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	signalName = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
)

func (m *Module) declare(name string, t Type, role Role) *Signal {
	if !signalName.MatchString(name) || reserved[name] {
		panic(fmt.Sprintf("circuit: %s has a signal named %q", m.Name, name))
	}
	if m.names[name] {
		panic(fmt.Sprintf("circuit: %s has two signals named %q", m.Name, name))
	}
	m.names[name] = true
	return &Signal{Name: name, Type: t, Role: role}
}

func (s *Signal) expr() *Expr { return &Expr{Op: OpSignal, Type: s.Type, Signal: s} }

// Input adds an input port.
func (m *Module) Input(name string, t Type, comment string) *Expr {
	s := m.declare(name, t, RoleInput)
	s.Comment = comment
	m.Inputs = append(m.Inputs, s)
	return s.expr()
}

// Output adds an output port driven by value.
func (m *Module) Output(name string, value *Expr, comment string) {
	s := m.declare(name, value.Type, RoleOutput)
	s.Value, s.Comment = value, comment
	m.Outputs = append(m.Outputs, s)
}

// Wire gives value a name.
func (m *Module) Wire(name string, value *Expr) *Expr {
	s := m.declare(name, value.Type, RoleWire)
	s.Value = value
	m.Wires = append(m.Wires, s)
	return s.expr()
}

// Named is value itself if it has a name already, else a wire.
func (m *Module) Named(name string, value *Expr) *Expr {
	if value.Op == OpSignal {
		return value
	}
	return m.Wire(name, value)
}

// ForwardWire names a value that Drive gives later; it lets a value depend on what is defined after its use.
func (m *Module) ForwardWire(name string, t Type) *Expr {
	s := m.declare(name, t, RoleWire)
	s.Forward = true
	m.Wires = append(m.Wires, s)
	return s.expr()
}

// Register adds a register without reset; Drive gives its next value.
func (m *Module) Register(name string, t Type, comment string) *Expr {
	s := m.declare(name, t, RoleRegister)
	s.Comment = comment
	m.Registers = append(m.Registers, s)
	return s.expr()
}

// ResetRegister adds a register that reset sets to value; Drive gives its next value.
func (m *Module) ResetRegister(name string, t Type, value int64, comment string) *Expr {
	if !t.Contains(value) {
		panic(fmt.Sprintf("circuit: reset value %d of %s does not fit %v", value, name, t))
	}
	r := m.Register(name, t, comment)
	r.Signal.Reset = &value
	return r
}

// Drive sets what a register takes at each rising edge at which enable holds (nil: at each), or the value of a forward
// wire (enable nil).
func (m *Module) Drive(target, value, enable *Expr) {
	s := target.Signal
	if s == nil || s.Next != nil || s.Value != nil {
		panic(fmt.Sprintf("circuit: %s drives something that has no name, or a signal twice", m.Name))
	}
	mustAgree("signal "+s.Name, target, value)
	if enable != nil {
		mustBeBit("register "+s.Name, enable)
	}
	switch {
	case s.Role == RoleRegister:
		s.Next, s.Enable = value, enable
	case s.Forward && enable == nil:
		s.Value = value
	default:
		panic(fmt.Sprintf("circuit: %s drives %s, which is neither a register nor a forward wire", m.Name, s.Name))
	}
}

// Pipe sends value through n registers in a row under one enable and returns the last; value itself for n = 0.
// The registers are called name_1 .. name_n, or just name when there is one.
func (m *Module) Pipe(name string, value *Expr, n int, enable *Expr) *Expr {
	for i := 1; i <= n; i++ {
		stage := name
		if n > 1 {
			stage = fmt.Sprintf("%s_%d", name, i)
		}
		r := m.Register(stage, value.Type, "")
		m.Drive(r, value, enable)
		value = r
	}
	return value
}

// Instance uses module sub under a name. inputs gives a value for every input port of sub.
func (m *Module) Instance(name string, sub *Module, inputs map[string]*Expr) *Instance {
	m.declare(name, Bit, RoleWire) // reserves the name
	in := &Instance{Name: name, Module: sub}
	for _, port := range sub.Inputs {
		value, ok := inputs[port.Name]
		if !ok || value.Type != port.Type {
			panic(fmt.Sprintf("circuit: instance %s of %s: input %s is missing or not of type %v", name, sub.Name, port.Name, port.Type))
		}
		in.Inputs = append(in.Inputs, value)
	}
	if len(inputs) != len(sub.Inputs) {
		panic(fmt.Sprintf("circuit: instance %s of %s: %d inputs given, it has %d", name, sub.Name, len(inputs), len(sub.Inputs)))
	}
	for _, port := range sub.Outputs {
		s := m.declare(name+"_"+port.Name, port.Type, RoleInstanceOutput)
		s.Instance, s.Port = in, port
		in.Outputs = append(in.Outputs, s)
	}
	m.Instances = append(m.Instances, in)
	return in
}

// Output is the value of an output port of the instance.
func (in *Instance) Output(port string) *Expr {
	for _, s := range in.Outputs {
		if s.Port.Name == port {
			return s.expr()
		}
	}
	panic(fmt.Sprintf("circuit: %s has no output %s", in.Module.Name, port))
}

// Hierarchy lists the module and all that it uses, each once, users last.
func (m *Module) Hierarchy() []*Module {
	var list []*Module
	seen := map[*Module]bool{}
	var visit func(*Module)
	visit = func(m *Module) {
		if seen[m] {
			return
		}
		seen[m] = true
		for _, in := range m.Instances {
			visit(in.Module)
		}
		list = append(list, m)
	}
	visit(m)
	return list
}

// HasClock tells whether the module or one that it uses has a register.
func (m *Module) HasClock() bool {
	return m.any(func(m *Module) bool { return len(m.Registers) > 0 })
}

// HasReset tells whether the module or one that it uses has a register with a reset value.
func (m *Module) HasReset() bool {
	return m.any(func(m *Module) bool {
		for _, r := range m.Registers {
			if r.Reset != nil {
				return true
			}
		}
		return false
	})
}

func (m *Module) any(holds func(*Module) bool) bool {
	for _, sub := range m.Hierarchy() {
		if holds(sub) {
			return true
		}
	}
	return false
}
