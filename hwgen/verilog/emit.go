// Package verilog writes circuits as Verilog-2001, one file for each module.
//
// The text is meant to pass Verilator's lint with all warnings, Yosys and Icarus without a change, and to be read: it keeps
// the names and the order of operands of the description. All vectors are unsigned; where a sign matters, it is extended
// bit by bit and $signed stands around the operands, since the width and sign rules of Verilog's expressions are a common
// source of silent errors.
package verilog

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/halftone-go/halftone/hwgen/circuit"
)

// Extension is that of the files.
const Extension = ".v"

// Emit writes a module and all that it uses: file names to texts. header goes on top of every file as a comment.
func Emit(top *circuit.Module, header string) map[string][]byte {
	files := map[string][]byte{}
	for _, m := range top.Hierarchy() {
		e := emitter{module: m}
		e.emit(header)
		files[m.Name+Extension] = e.text.Bytes()
	}
	return files
}

type emitter struct {
	module *circuit.Module
	text   bytes.Buffer
}

func (e *emitter) printf(format string, args ...any) { fmt.Fprintf(&e.text, format, args...) }

func (e *emitter) emit(header string) {
	m := e.module
	for _, line := range append(circuit.Wrap(header, 100), circuit.Wrap(m.Doc, 100)...) {
		e.printf("// %s\n", line)
	}
	e.printf("module %s (\n", m.Name)
	e.ports()
	e.printf(");\n")
	e.registers()
	e.instanceOutputs()
	e.wires()
	e.instances()
	e.always()
	for _, s := range m.Outputs {
		e.printf("  assign %s = %s;\n", s.Name, e.top(s.Value))
	}
	e.unread()
	e.printf("endmodule\n")
}

// ports lists clock and reset, where the module needs them, then inputs and outputs.
func (e *emitter) ports() {
	var lines, comments []string
	add := func(direction string, s *circuit.Signal) {
		lines = append(lines, fmt.Sprintf("  %-6s wire %s%s", direction, vector(s.Type), s.Name))
		comments = append(comments, s.Comment)
	}
	if e.module.HasClock() {
		add("input", &circuit.Signal{Name: "clock", Type: circuit.Bit})
	}
	if e.module.HasReset() {
		add("input", &circuit.Signal{Name: "reset", Type: circuit.Bit, Comment: "synchronous"})
	}
	for _, s := range e.module.Inputs {
		add("input", s)
	}
	for _, s := range e.module.Outputs {
		add("output", s)
	}
	for i, line := range lines {
		if i < len(lines)-1 {
			line += ","
		}
		e.printf("%s%s\n", line, comment(comments[i]))
	}
}

func (e *emitter) registers() {
	for _, s := range e.module.Registers {
		e.printf("  reg  %s%s;%s\n", vector(s.Type), s.Name, comment(s.Comment))
	}
}

func (e *emitter) instanceOutputs() {
	for _, in := range e.module.Instances {
		for _, s := range in.Outputs {
			e.printf("  wire %s%s;\n", vector(s.Type), s.Name)
		}
	}
}

func (e *emitter) wires() {
	for _, s := range e.module.Wires {
		if s.Forward {
			e.printf("  wire %s%s;\n", vector(s.Type), s.Name)
		}
	}
	for _, s := range e.module.Wires {
		if !s.Forward {
			e.printf("  wire %s%s = %s;\n", vector(s.Type), s.Name, e.top(s.Value))
		}
	}
	for _, s := range e.module.Wires {
		if s.Forward {
			e.printf("  assign %s = %s;\n", s.Name, e.top(s.Value))
		}
	}
}

func (e *emitter) instances() {
	for _, in := range e.module.Instances {
		var connections []string
		connect := func(port, value string) {
			connections = append(connections, fmt.Sprintf("    .%s(%s)", port, value))
		}
		if in.Module.HasClock() {
			connect("clock", "clock")
		}
		if in.Module.HasReset() {
			connect("reset", "reset")
		}
		for i, port := range in.Module.Inputs {
			connect(port.Name, e.top(in.Inputs[i]))
		}
		for _, s := range in.Outputs {
			connect(s.Port.Name, s.Name)
		}
		e.printf("  %s %s (\n%s\n  );\n", in.Module.Name, in.Name, strings.Join(connections, ",\n"))
	}
}

// always writes one block for the registers that share an enable and have or have no reset.
func (e *emitter) always() {
	type group struct {
		enable    string
		registers []*circuit.Signal
	}
	var order []string
	groups := map[string]*group{}
	for _, s := range e.module.Registers {
		enable := ""
		if s.Enable != nil {
			enable = e.top(s.Enable)
		}
		key := fmt.Sprint(enable, s.Reset != nil)
		if groups[key] == nil {
			groups[key] = &group{enable: enable}
			order = append(order, key)
		}
		groups[key].registers = append(groups[key].registers, s)
	}
	for _, key := range order {
		e.alwaysBlock(groups[key].enable, groups[key].registers)
	}
}

func (e *emitter) alwaysBlock(enable string, registers []*circuit.Signal) {
	e.printf("  always @(posedge clock) begin\n")
	indent := "    "
	opened := ""
	if registers[0].Reset != nil {
		e.printf("    if (reset) begin\n")
		for _, s := range registers {
			e.printf("      %s <= %s;\n", s.Name, constant(s.Type, *s.Reset))
		}
		opened = "    end else "
	}
	switch {
	case enable != "" && opened != "":
		e.printf("%sif (%s) begin\n", opened, enable)
	case enable != "":
		e.printf("    if (%s) begin\n", enable)
	case opened != "":
		e.printf("%sbegin\n", opened)
	}
	nested := enable != "" || opened != ""
	if nested {
		indent = "      "
	}
	for _, s := range registers {
		e.printf("%s%s <= %s;\n", indent, s.Name, e.top(s.Next))
	}
	if nested {
		e.printf("    end\n")
	}
	e.printf("  end\n")
}

// unread gathers bits that nothing reads in a wire whose name tells lint that this is meant.
func (e *emitter) unread() {
	var parts []string
	for _, r := range e.module.Unread() {
		parts = append(parts, bitsOf(r.Signal, r.High, r.Low))
	}
	if len(parts) > 0 {
		e.printf("  wire unused = &{1'b0, %s};\n", strings.Join(parts, ", "))
	}
}

func vector(t circuit.Type) string {
	if t.Width == 1 {
		return ""
	}
	return fmt.Sprintf("[%d:0] ", t.Width-1)
}

func comment(text string) string {
	if text == "" {
		return ""
	}
	return "  // " + text
}
