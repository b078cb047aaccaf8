package train

import (
	"context"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// Trained is a trained network: parameters and running statistics are those that a run ended with, under SWALP the averages.
type Trained struct {
	// Config is the run's configuration, complete: defaults are filled in, Set is loaded.
	Config Config
	// Step is the number of updates that were made.
	Step int
	// Net is the model. Its parameters' values are the weights.
	Net *nets.Net
	// Program is Net compiled under the run's policy; with averages, weights and biases have the format that the policy
	// gives the average.
	Program *graph.Program

	network *network
}

func newTrained(n *network, step int) *Trained {
	return &Trained{Config: n.config, Step: step, Net: n.net, Program: n.program, network: n}
}

// trained is the network that the session ends with.
func (s *session) trained(ctx context.Context) (*Trained, error) {
	n, err := s.result(ctx)
	if err != nil {
		return nil, err
	}
	t := newTrained(n, s.step)
	t.Config.Steps, t.Config.EvaluateEvery = s.config.Steps, s.config.EvaluateEvery
	return t, nil
}

// Open builds the network of a run's folder again, with the weights of its checkpoint. The changes are made to the
// configuration that run.json holds before anything is built: for threads, the data folder, the limit of test samples,
// Observe, Build for a net of one's own, or the policy, as in
//
//	train.Open(ctx, "runs/a", func(c *train.Config) { c.Policy = train.WithRounding(c.Policy, number.RNE) })
//
// It fails if the data are not those that the run saw.
func Open(ctx context.Context, dir string, changes ...func(*Config)) (*Trained, error) {
	record, err := ReadRecord(dir)
	if err != nil {
		return nil, err
	}
	c, err := record.Config()
	if err != nil {
		return nil, errors.Wrap(err, dir)
	}
	for _, change := range changes {
		change(&c)
	}
	if err := c.Check(); err != nil {
		return nil, errors.Wrapf(err, "run %s", dir)
	}
	stored, err := loadCheckpoint(dir, record)
	if err != nil {
		return nil, err
	}
	// A folder is not written to here.
	c.Out, c.Resume = "", false
	s, err := newSession(c)
	if err != nil {
		return nil, errors.Wrapf(err, "run %s", dir)
	}
	if info := s.config.Set.Info(); info.Checksum != record.Data.Checksum {
		return nil, errors.Errorf("run %s saw %s with the checksum %s; the data folder holds %s with %s",
			dir, record.Data.Title, record.Data.Checksum, info.Title, info.Checksum)
	}
	if err := s.restore(stored); err != nil {
		return nil, errors.Wrapf(err, "run %s", dir)
	}
	s.meter = newMeter(s.step, 0)
	return s.trained(ctx)
}

// Evaluate evaluates the network on the test part.
func (t *Trained) Evaluate(ctx context.Context) (Metrics, error) {
	return t.network.evaluate(ctx, func(done, total int) {
		if t.Config.Observe != nil {
			t.Config.Observe(Progress{Phase: Evaluation, Done: done, Total: total, Step: t.Step, Steps: t.Config.Steps})
		}
	})
}

// Parameter returns the parameter called name, nil if there is none.
func (t *Trained) Parameter(name string) *graph.Parameter {
	for _, p := range t.Program.Parameters() {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// BatchNorm returns the batch norm called name, as "stem/batchnorm1", nil if there is none.
func (t *Trained) BatchNorm(name string) *graph.BatchNorm {
	for _, b := range t.Program.BatchNorms() {
		if b.Name == name {
			return b
		}
	}
	return nil
}

// WithRounding is the policy with all its formats rounding as given, where they round at all.
func WithRounding(p *policy.Policy, r number.Rounding) *policy.Policy {
	changed := *p
	changed.Default = map[policy.Role]number.Format{}
	for role, f := range p.Default {
		changed.Default[role] = f.WithRounding(r)
	}
	changed.Rules = nil
	for _, rule := range p.Rules {
		formats := rule.Formats
		rule.Formats = map[policy.Role]number.Format{}
		for role, f := range formats {
			rule.Formats[role] = f.WithRounding(r)
		}
		if rule.Format != nil {
			f := rule.Format.WithRounding(r)
			rule.Format = &f
		}
		changed.Rules = append(changed.Rules, rule)
	}
	return &changed
}
