package unit

import (
	"fmt"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen/circuit"
)

// Datapath builds the top module: array, accumulators, requantizers, run-time registers, and valid/ready at both ends.
// The protocol of its ports is in docs/hardware.md.
func (p *Parameters) Datapath() *circuit.Module {
	d := datapath{Parameters: p}
	if p.Array.Kind == target.Dot {
		d.Module = circuit.NewModule("DotDatapath", fmt.Sprintf(
			"%d products a beat for one output channel, requantized to codes.", p.Array.Lanes))
	} else {
		d.Module = circuit.NewModule("WeightStationaryDatapath", fmt.Sprintf(
			"%d terms for %d output channels a beat, requantized to codes. Weights stay for %d beats.",
			p.Array.Rows, p.Array.Columns, p.RingLength()))
	}
	d.build()
	return d.Module
}

type datapath struct {
	*Parameters
	*circuit.Module
}

func (d *datapath) build() {
	valid := d.Input("beat_valid", circuit.Bit, "a beat is offered")
	compute := d.Input("compute", circuit.Bit, "the beat brings activations")
	first := d.Input("first", circuit.Bit, "the beat starts its sums at the biases")
	last := d.Input("last", circuit.Bit, "the beat ends its sums: codes follow")

	advance := d.ForwardWire("advance", circuit.Bit)
	accepted := d.ForwardWire("accepted", circuit.Bit)
	control := map[string]*circuit.Expr{"first": first}
	var window int
	var array *circuit.Module
	if d.Array.Kind == target.Dot {
		array = d.dotArray()
		control["compute"] = d.Wire("computes", circuit.And(accepted, compute))
	} else {
		array = d.weightStationaryArray()
		window = d.RingLength()
		swap := d.Input("swap", circuit.Bit, "the beat and those after it use the weights loaded before it")
		load := d.Input("load", circuit.Bit, "the beat brings weights for row load_row")
		control["swap"] = d.Wire("swaps", circuit.And(accepted, swap))
		control["load"] = d.Wire("loads", circuit.And(accepted, load))
		if row := d.loadRowInput(d.Module); row != nil {
			control["load_row"] = row
		}
	}
	beats := d.Instance("beats", beats(d.arrayLatency(), window), map[string]*circuit.Expr{
		"advance": advance, "compute": circuit.And(accepted, compute), "last": last,
	})
	moves := circuit.Constant(circuit.Bit, 1)
	if window > 0 {
		moves = circuit.Or(valid, circuit.Not(beats.Output("open")))
	}
	moves = d.Wire("moves", moves)
	result := d.Wire("result", circuit.And(beats.Output("result"), moves))

	handshake := d.Instance("handshake", handshake(d.Pipeline.Requantize), map[string]*circuit.Expr{
		"in_valid": result, "out_ready": d.Input("out_ready", circuit.Bit, "the codes are taken"),
	})
	room := d.Wire("room", circuit.Or(circuit.Not(beats.Output("result")), handshake.Output("in_ready")))
	d.Drive(advance, circuit.And(moves, room), nil)
	d.Drive(accepted, circuit.And(valid, room), nil)
	d.Output("beat_ready", room, "the beat is accepted")

	registers := d.registersInstance(circuit.Not(circuit.Or(beats.Output("busy"), handshake.Output("busy"))))
	totals := d.arrayInstance(array, advance, control, registers)
	d.requantizers(totals, handshake, registers)
	d.Output("out_valid", handshake.Output("out_valid"), "codes are offered")
}

// registersInstance adds the write port. Writes wait until no beat is inside.
func (d *datapath) registersInstance(idle *circuit.Expr) *circuit.Instance {
	write := d.Input("write_valid", circuit.Bit, "a register write is offered")
	d.Output("write_ready", idle, "the write is accepted: no computing beat is inside")
	in := map[string]*circuit.Expr{"write": d.Wire("writes", circuit.And(write, idle))}
	module := d.registers()
	for _, port := range module.Inputs {
		if port.Name != "write" {
			in[port.Name] = d.Input(port.Name, port.Type, port.Comment)
		}
	}
	return d.Instance("registers", module, in)
}

// arrayInstance adds the operand ports and returns the totals.
func (d *datapath) arrayInstance(array *circuit.Module, advance *circuit.Expr, control map[string]*circuit.Expr, registers *circuit.Instance) []*circuit.Expr {
	in := map[string]*circuit.Expr{"advance": advance}
	for name, value := range control {
		in[name] = value
	}
	for c := range d.Columns() {
		bias := fmt.Sprintf("bias_%d", c)
		in[bias] = registers.Output(bias)
	}
	for _, port := range array.Inputs {
		if in[port.Name] == nil {
			in[port.Name] = d.Input(port.Name, port.Type, "")
		}
	}
	instance := d.Instance("array", array, in)
	totals := make([]*circuit.Expr, d.Columns())
	for c := range totals {
		totals[c] = instance.Output(fmt.Sprintf("total_%d", c))
	}
	return totals
}

// requantizers adds one requantizer for each column and its output port.
func (d *datapath) requantizers(totals []*circuit.Expr, handshake, registers *circuit.Instance) {
	module := d.requantizer()
	for c, total := range totals {
		in := map[string]*circuit.Expr{"total": total}
		for i := range d.Pipeline.Requantize {
			step := fmt.Sprintf("step_%d", i+1)
			in[step] = handshake.Output(step)
		}
		for _, f := range d.Fields() {
			switch {
			case f == FieldBias:
			case d.PerColumn(f):
				in[f.String()] = registers.Output(fmt.Sprintf("%v_%d", f, c))
			default:
				in[f.String()] = registers.Output(f.String())
			}
		}
		requantizer := d.Instance(fmt.Sprintf("requantizer_%d", c), module, in)
		d.Output(fmt.Sprintf("code_%d", c), requantizer.Output("code"), "")
	}
}
