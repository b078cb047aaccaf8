package emulate

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/pkg/errors"
)

// Largest files that are read, far above what a program needs.
const (
	maxProgramFile = 16 << 20
	maxArraysFile  = 1 << 30
)

// Load reads a program from the folder of a deployed network and checks it. The error names the file and the layer.
func Load(folder string) (*Program, error) {
	text, err := readFile(filepath.Join(folder, programFile), maxProgramFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Errorf("%s holds no deployed network: it has no %s; write one with 'halftone deploy'", folder, programFile)
	}
	if err != nil {
		return nil, err
	}
	archive, err := readFile(filepath.Join(folder, arraysFile), maxArraysFile)
	if err != nil {
		return nil, err
	}
	t, err := target.Load(filepath.Join(folder, targetFile))
	if err != nil {
		return nil, err
	}
	return decode(folder, text, archive, t)
}

func readFile(name string, limit int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, errors.Wrap(err, name)
	}
	if int64(len(data)) > limit {
		return nil, errors.Errorf("%s has more than %d bytes; this is no file that halftone wrote", name, limit)
	}
	return data, nil
}

// decode builds a program from the contents of its files. folder is for messages.
func decode(folder string, text, archive []byte, t *target.Target) (*Program, error) {
	programPath, arraysPath := filepath.Join(folder, programFile), filepath.Join(folder, arraysFile)
	var doc document
	if err := strictly(text, &doc); err != nil {
		return nil, errors.Wrap(err, programPath)
	}
	if doc.Halftone != version {
		return nil, errors.Errorf("%s: halftone is %q, not %q; deploy the network again with this version", programPath, doc.Halftone, version)
	}
	if sum := checksum(archive); sum != doc.Arrays {
		return nil, errors.Errorf("%s: its checksum is not the one in %s; the files do not belong together, deploy the network again", arraysPath, programFile)
	}
	arrays, err := npy.ParseArchive(archive)
	if err != nil {
		return nil, errors.Wrap(err, arraysPath)
	}
	t.Name = doc.Target // the file's own name says nothing
	p := &Program{Target: t, Input: doc.Input, Layers: make([]Layer, len(doc.Layers))}
	for i, layer := range doc.Layers {
		if p.Layers[i], err = layer.decode(arrays); err != nil {
			return nil, errors.Wrapf(err, "%s: layer %d (%s)", programPath, i+1, layer.Name)
		}
	}
	return p, errors.Wrap(p.Validate(), programPath)
}

// decode builds a layer; arrays are those of all layers.
func (d layerDocument) decode(arrays map[string]*npy.Array) (Layer, error) {
	op, err := newOp(d.Kind)
	if err != nil {
		return Layer{}, err
	}
	if err := strictly(d.Parameters, op); err != nil {
		return Layer{}, errors.Wrap(err, "parameters")
	}
	if s, ok := op.(stored); ok {
		err := s.setArrays(func(name string) *npy.Array { return arrays[d.Name+"."+name] })
		if err != nil {
			return Layer{}, errors.Wrap(err, arraysFile)
		}
	}
	return Layer{Name: d.Name, Op: op, Inputs: d.Inputs, Output: Output(d.Output)}, nil
}

// strictly reads one JSON value without unknown keys.
func strictly(text []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("there is more after the JSON value")
	}
	return nil
}
