// Package cosim runs a datapath's Verilog in a simulator that is fed through a pipe.
//
// Records of one fixed size go in: beats, register writes, and patterns that say in which cycles inputs are offered and
// outputs taken. Codes come out. The harness (C++ for Verilator, Verilog for Icarus) is generated from the ports of the
// top module; it holds no knowledge of what the datapath computes. It also watches the protocol: an output that is offered
// must stay until it is taken, and something must move within a bounded number of cycles.
package cosim

import (
	"encoding/binary"
	"strings"

	"github.com/halftone-go/halftone/hwgen/circuit"
)

// Kinds of records, the first byte of each.
const (
	kindPattern = iota
	kindWrite
	kindBeat
)

// Places in a record of kind pattern.
const (
	offerPlace   = 1
	readyPlace   = offerPlace + 8
	patternBytes = readyPlace + 8
)

// Port is an input port and its place in a record: Bytes bytes from Offset on, most significant first.
type Port struct {
	Name                 string
	Width, Offset, Bytes int
}

// Interface describes the ports of a datapath.
type Interface struct {
	Top         string
	Beat, Write []Port
	Codes       []string
	CodeType    circuit.Type
	RecordBytes int
}

// NewInterface reads the ports of a top module that speaks the protocol of docs/hardware.md.
func NewInterface(top *circuit.Module) *Interface {
	i := &Interface{Top: top.Name}
	offsets := map[bool]int{false: 1, true: 1} // behind the kind; beats and writes overlap
	for _, s := range top.Inputs {
		switch s.Name {
		case "beat_valid", "write_valid", "out_ready":
			continue
		}
		isWrite := strings.HasPrefix(s.Name, "write_")
		p := Port{Name: s.Name, Width: s.Type.Width, Offset: offsets[isWrite], Bytes: (s.Type.Width + 7) / 8}
		offsets[isWrite] += p.Bytes
		if isWrite {
			i.Write = append(i.Write, p)
		} else {
			i.Beat = append(i.Beat, p)
		}
	}
	for _, s := range top.Outputs {
		if strings.HasPrefix(s.Name, "code_") {
			i.Codes = append(i.Codes, s.Name)
			i.CodeType = s.Type
		}
	}
	i.RecordBytes = max(offsets[false], offsets[true], patternBytes)
	return i
}

// BeatPort finds an input of the beats; nil if the datapath has none of that name.
func (i *Interface) BeatPort(name string) *Port { return find(i.Beat, name) }

// WritePort finds an input of the register writes; nil if the datapath has none of that name.
func (i *Interface) WritePort(name string) *Port { return find(i.Write, name) }

func find(ports []Port, name string) *Port {
	for k := range ports {
		if ports[k].Name == name {
			return &ports[k]
		}
	}
	return nil
}

// Record is one record under construction.
type Record []byte

// NewBeat starts a beat with all ports 0.
func (i *Interface) NewBeat() Record { return i.record(kindBeat) }

// NewWrite starts a register write with all ports 0.
func (i *Interface) NewWrite() Record { return i.record(kindWrite) }

// NewPattern says in which cycles records are offered and outputs taken: bit (cycle mod 64). Neither may be 0.
func (i *Interface) NewPattern(offer, ready uint64) Record {
	r := i.record(kindPattern)
	binary.BigEndian.PutUint64(r[offerPlace:], offer)
	binary.BigEndian.PutUint64(r[readyPlace:], ready)
	return r
}

func (i *Interface) record(kind byte) Record {
	r := make(Record, i.RecordBytes)
	r[0] = kind
	return r
}

// Put sets a port to the low bits of v.
func (r Record) Put(p Port, v int64) {
	bits := uint64(v) & (^uint64(0) >> (64 - p.Width))
	for b := p.Bytes - 1; b >= 0; b-- {
		r[p.Offset+b] = byte(bits)
		bits >>= 8
	}
}
