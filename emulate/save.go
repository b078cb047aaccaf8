package emulate

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"

	"github.com/halftone-go/halftone/internal/atomicfile"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/pkg/errors"
)

// The files of a program in the folder of a deployed network. Beside them deploy keeps what the simulated graph needs.
const (
	version     = "program/1"
	programFile = "program.json" // layers and their parameters; written last, so that a folder with it is complete
	arraysFile  = "program.npz"  // LAYER.weights, LAYER.scales, LAYER.bias
	targetFile  = "target.yaml"
)

// document is the content of program.json.
type document struct {
	Halftone string          `json:"halftone"`
	Target   string          `json:"target"` // name of the target, which is in target.yaml
	Arrays   string          `json:"arrays"` // SHA-256 of program.npz
	Input    []int           `json:"input"`
	Layers   []layerDocument `json:"layers"`
}

type layerDocument struct {
	Name       string          `json:"name"`
	Kind       string          `json:"kind"`
	Inputs     []string        `json:"inputs"`
	Output     outputDocument  `json:"output"`
	Parameters json.RawMessage `json:"parameters"`
}

type outputDocument struct {
	Scale float64 `json:"scale"`
	Zero  int32   `json:"zero"`
	Lo    int32   `json:"lo"`
	Hi    int32   `json:"hi"`
}

// Save writes the program into a folder, which it makes if need be: program.json, program.npz and target.yaml. A
// program that is not valid is refused. Each file appears whole or not at all, and holds nothing but the program, so that
// equal programs give equal files.
func (p *Program) Save(folder string) error {
	if err := p.Validate(); err != nil {
		return err
	}
	arrays := map[string]*npy.Array{}
	doc := document{Halftone: version, Target: p.Target.Name, Input: p.Input, Layers: make([]layerDocument, len(p.Layers))}
	for i, layer := range p.Layers {
		parameters, err := json.Marshal(layer.Op)
		if err != nil {
			return errors.Wrap(err, layer.Name)
		}
		doc.Layers[i] = layerDocument{layer.Name, layer.Op.Kind(), layer.Inputs, outputDocument(layer.Output), parameters}
		if op, ok := layer.Op.(stored); ok {
			for name, a := range op.arrays() {
				arrays[layer.Name+"."+name] = a
			}
		}
	}
	var archive bytes.Buffer
	if err := npy.WriteArchive(&archive, arrays); err != nil {
		return err
	}
	doc.Arrays = checksum(archive.Bytes())
	text, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, file := range []struct {
		name    string
		content []byte
	}{{targetFile, p.Target.YAML()}, {arraysFile, archive.Bytes()}, {programFile, append(text, '\n')}} {
		err := atomicfile.Write(filepath.Join(folder, file.name), func(w io.Writer) error {
			_, err := w.Write(file.content)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func checksum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
