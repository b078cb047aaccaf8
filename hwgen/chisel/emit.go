// Package chisel writes circuits as Chisel 6 sources, one Scala file for each module, and elaborates them to Verilog.
//
// Every register and wire is a named val and operands keep their order, so the elaborated Verilog has the registers of the
// directly emitted one. Ports stand alone rather than in a bundle, so they have the same names as well.
package chisel

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/halftone-go/halftone/hwgen/circuit"
)

// Emit writes a module and all that it uses, the program that elaborates it, the Maven project that finds Chisel, and a
// script that runs both: file names to texts. header goes on top of every file as a comment.
func Emit(top *circuit.Module, header string) map[string][]byte {
	files := project(top.Name, header)
	for _, m := range top.Hierarchy() {
		e := emitter{module: m}
		e.emit(header)
		files[m.Name+".scala"] = e.text.Bytes()
	}
	return files
}

// methodStatements bounds the statements of one method: the JVM takes methods of at most 64 kB.
const methodStatements = 128

type emitter struct {
	module *circuit.Module
	text   bytes.Buffer
}

func (e *emitter) printf(format string, args ...any) { fmt.Fprintf(&e.text, format, args...) }

func (e *emitter) emit(header string) {
	m := e.module
	for _, line := range circuit.Wrap(header, 100) {
		e.printf("// %s\n", line)
	}
	e.printf("package %s\n\nimport chisel3._\nimport chisel3.util.Cat\n\n/** %s\n  */\nclass %s extends Module {\n",
		Package, strings.Join(circuit.Wrap(m.Doc, 100), "\n  * "), m.Name)
	for _, s := range m.Inputs {
		e.printf("  val %s = IO(Input(%s))%s\n", s.Name, typeOf(s.Type), comment(s.Comment))
	}
	for _, s := range m.Outputs {
		e.printf("  val %s = IO(Output(%s))%s\n", s.Name, typeOf(s.Type), comment(s.Comment))
	}
	e.printf("\n")
	for _, s := range m.Registers {
		if s.Reset != nil {
			e.printf("  val %s = RegInit(%s)%s\n", s.Name, constant(s.Type, *s.Reset), comment(s.Comment))
		} else {
			e.printf("  val %s = Reg(%s)%s\n", s.Name, typeOf(s.Type), comment(s.Comment))
		}
	}
	for _, in := range m.Instances {
		e.printf("  val %s = Module(new %s)\n", in.Name, in.Module.Name)
	}
	for _, s := range m.Wires {
		if s.Forward {
			e.printf("  val %s = Wire(%s)\n", s.Name, typeOf(s.Type))
		}
	}
	for _, s := range m.Wires {
		if !s.Forward {
			e.printf("  val %s = %s\n", s.Name, e.top(s.Value))
		}
	}
	e.printf("\n")
	e.statements(e.connections())
	e.printf("}\n")
}

// connections are the statements that drive forward wires, instances, registers and outputs.
func (e *emitter) connections() []string {
	var list []string
	connect := func(target string, value *circuit.Expr) {
		list = append(list, fmt.Sprintf("%s := %s", target, e.top(value)))
	}
	for _, s := range e.module.Wires {
		if s.Forward {
			connect(s.Name, s.Value)
		}
	}
	for _, in := range e.module.Instances {
		for i, port := range in.Module.Inputs {
			connect(in.Name+"."+port.Name, in.Inputs[i])
		}
	}
	list = append(list, e.registers()...)
	for _, s := range e.module.Outputs {
		connect(s.Name, s.Value)
	}
	return list
}

// registers writes one block for the registers that share an enable.
func (e *emitter) registers() []string {
	var order []string
	blocks := map[string][]string{}
	for _, s := range e.module.Registers {
		enable := ""
		if s.Enable != nil {
			enable = e.top(s.Enable)
		}
		if blocks[enable] == nil {
			order = append(order, enable)
		}
		blocks[enable] = append(blocks[enable], fmt.Sprintf("%s := %s", s.Name, e.top(s.Next)))
	}
	var list []string
	for _, enable := range order {
		if enable == "" {
			list = append(list, blocks[enable]...)
			continue
		}
		// A block counts as one statement; long ones are cut.
		for rest := blocks[enable]; len(rest) > 0; {
			n := min(len(rest), methodStatements)
			list = append(list, fmt.Sprintf("when(%s) {\n    %s\n  }", enable, strings.Join(rest[:n], "\n    ")))
			rest = rest[n:]
		}
	}
	return list
}

// statements writes statements, in methods of their own when there are many.
func (e *emitter) statements(list []string) {
	if len(list) <= methodStatements {
		for _, s := range list {
			e.printf("  %s\n", s)
		}
		return
	}
	for i := 0; len(list) > 0; i++ {
		n := min(len(list), methodStatements)
		e.printf("  private def connect%d(): Unit = {\n    %s\n  }\n  connect%d()\n", i,
			strings.ReplaceAll(strings.Join(list[:n], "\n"), "\n", "\n    "), i)
		list = list[n:]
	}
}

func comment(text string) string {
	if text == "" {
		return ""
	}
	return " // " + text
}
