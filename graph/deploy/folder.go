package deploy

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/internal/atomicfile"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// Files of a deployed network's folder.
const (
	policyFile  = "policy.yaml"
	targetFile  = "target.yaml"
	weightsFile = "weights.npz" // NAME for parameters, PATH/batchnormN.mean and .variance for running statistics
	scalesFile  = "scales.npz"  // NAME.scale and, where it is not 0, NAME.zero
)

// maxFileSize bounds what is read of one file.
const maxFileSize = 1 << 30

// Write writes the network and the model's values into a folder, which it makes if need be. Each file appears whole or
// not at all, and equal networks give equal files.
func (n *Network) Write(folder string, m Model) error {
	weights := map[string]*npy.Array{}
	for _, p := range m.Parameters {
		a, err := qops.FromValue(p.Value())
		if err != nil {
			return errors.Wrapf(err, "deploy: parameter %q", p.Name())
		}
		weights[p.Name()] = toNumPy(a)
	}
	for name, r := range m.Running {
		weights[name+".mean"] = &npy.Array{Shape: []int{len(r.Mean)}, Data: r.Mean}
		weights[name+".variance"] = &npy.Array{Shape: []int{len(r.Variance)}, Data: r.Variance}
	}
	scales := map[string]*npy.Array{}
	for name, s := range n.Scales {
		scales[name+".scale"] = &npy.Array{Shape: []int{len(s.Step)}, Data: s.Step}
		if s.Zero != nil {
			scales[name+".zero"] = &npy.Array{Shape: []int{len(s.Zero)}, Data: s.Zero}
		}
		scales[name+".blocks"] = &npy.Array{Shape: []int{2}, Data: []int64{int64(s.Blocks.Count), int64(s.Blocks.Inner)}}
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return errors.Wrap(err, "deploy")
	}
	write := func(name string, body func(w io.Writer) error) error {
		return errors.Wrap(atomicfile.Write(filepath.Join(folder, name), body), "deploy")
	}
	if err := write(weightsFile, func(w io.Writer) error { return npy.WriteArchive(w, weights) }); err != nil {
		return err
	}
	if err := write(scalesFile, func(w io.Writer) error { return npy.WriteArchive(w, scales) }); err != nil {
		return err
	}
	if err := write(targetFile, func(w io.Writer) error { _, err := w.Write(n.Target.YAML()); return err }); err != nil {
		return err
	}
	return write(policyFile, func(w io.Writer) error { _, err := w.Write(n.Policy.YAML()); return err })
}

// Read reads the network of a folder and puts its weights into the model's parameters and running statistics.
func Read(folder string, m *Model) (*Network, error) {
	n := &Network{Scales: map[string]number.Scales{}}
	text, err := readLimited(filepath.Join(folder, policyFile))
	if err != nil {
		return nil, err
	}
	if n.Policy, err = policy.Parse(filepath.Join(folder, policyFile), text); err != nil {
		return nil, err
	}
	if n.Target, err = target.Load(filepath.Join(folder, targetFile)); err != nil {
		return nil, err
	}
	n.Target.Name = n.Policy.Target // the file's own name says nothing
	scales, err := readArchive(filepath.Join(folder, scalesFile))
	if err != nil {
		return nil, err
	}
	for key := range scales {
		name, isScale := strings.CutSuffix(key, ".scale")
		if !isScale {
			continue
		}
		if n.Scales[name], err = scalesOf(scales, name); err != nil {
			return nil, errors.Wrapf(err, "deploy: %s", filepath.Join(folder, scalesFile))
		}
	}
	weights, err := readArchive(filepath.Join(folder, weightsFile))
	if err != nil {
		return nil, err
	}
	return n, errors.Wrapf(restore(weights, m), "deploy: %s", filepath.Join(folder, weightsFile))
}

func scalesOf(arrays map[string]*npy.Array, name string) (number.Scales, error) {
	var s number.Scales
	var err error
	if s.Step, err = npy.Elements[float64](arrays[name+".scale"]); err != nil {
		return s, err
	}
	if zero := arrays[name+".zero"]; zero != nil {
		if s.Zero, err = npy.Elements[int32](zero); err != nil {
			return s, err
		}
	}
	blocks := arrays[name+".blocks"]
	if blocks == nil {
		return s, errors.Errorf("%s.blocks is missing", name)
	}
	counts, err := npy.Elements[int64](blocks)
	if err != nil {
		return s, err
	}
	if len(counts) != 2 || counts[0] != int64(len(s.Step)) || counts[1] < 1 || s.Zero != nil && len(s.Zero) != len(s.Step) {
		return s, errors.Errorf("%s: scales, zero points and blocks do not agree", name)
	}
	for _, step := range s.Step {
		if !(step > 0) {
			return s, errors.Errorf("%s: the scale %v is not positive", name, step)
		}
	}
	s.Blocks = number.Blocks{Count: int(counts[0]), Inner: int(counts[1])}
	return s, nil
}

// restore puts arrays into the model's parameters and running statistics.
func restore(arrays map[string]*npy.Array, m *Model) error {
	for _, p := range m.Parameters {
		from := arrays[p.Name()]
		if from == nil {
			return errors.Errorf("parameter %q is missing", p.Name())
		}
		if err := copyInto(p, from); err != nil {
			return errors.Wrapf(err, "parameter %q", p.Name())
		}
	}
	m.Running = map[string]*qops.Running{}
	for key := range arrays {
		name, ok := strings.CutSuffix(key, ".mean")
		if !ok {
			continue
		}
		mean, err := npy.Elements[float64](arrays[key])
		if err != nil {
			return errors.Wrap(err, key)
		}
		other := arrays[name+".variance"]
		if other == nil {
			return errors.Errorf("%s.variance is missing", name)
		}
		variance, err := npy.Elements[float64](other)
		if err != nil || len(variance) != len(mean) {
			return errors.Errorf("%s: mean and variance do not agree", name)
		}
		m.Running[name] = &qops.Running{Mean: mean, Variance: variance}
	}
	return nil
}

func copyInto(p *gorgonia.Node, from *npy.Array) error {
	a, err := qops.FromValue(p.Value())
	if err != nil {
		return err
	}
	if npy.Size(from.Shape) != a.Size() {
		return errors.Errorf("shape %v, the model has %v", from.Shape, a.Shape)
	}
	if a.F64 != nil {
		values, err := npy.Elements[float64](from)
		copy(a.F64, values)
		return err
	}
	values, err := npy.Elements[float32](from)
	copy(a.F32, values)
	return err
}

func toNumPy(a *qops.Array) *npy.Array {
	if a.F64 != nil {
		return &npy.Array{Shape: a.Shape, Data: a.F64}
	}
	return &npy.Array{Shape: a.Shape, Data: a.F32}
}

func readArchive(name string) (map[string]*npy.Array, error) {
	data, err := readLimited(name)
	if err != nil {
		return nil, err
	}
	arrays, err := npy.ParseArchive(data)
	return arrays, errors.Wrapf(err, "deploy: %s", name)
}

func readLimited(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, errors.Wrap(err, "deploy: no deployed network here; make one with 'halftone deploy RUN --target T --out NET'")
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, errors.Wrap(err, "deploy")
	}
	if len(data) > maxFileSize {
		return nil, errors.Errorf("deploy: %s is larger than %d bytes", name, maxFileSize)
	}
	return data, nil
}
