package optimizers

import (
	"strings"

	"github.com/pkg/errors"
)

// Config is an optimizer's name and options. The configurations are the types SGD, LPSGD, SVRG, LPSVRG, HALP and SWALP.
type Config interface {
	// Name returns the name in the registry.
	Name() string
	// Settings returns the options that every optimizer has.
	Settings() Descent
	// Roles returns the roles of the tensors that the optimizer rounds under these options.
	Roles() []Role
	// New checks the options and the problem and returns an optimizer at step 0. Nothing is evaluated yet.
	New(run Run) (Optimizer, error)

	bind(b *binder)
}

// configs is the list of optimizers: each returns the default options.
var configs = []func() Config{
	func() Config { return &SGD{Descent: defaultDescent} },
	func() Config { return &LPSGD{Descent: defaultDescent} },
	func() Config { return &SVRG{Descent: defaultDescent} },
	func() Config { return &LPSVRG{Descent: defaultDescent} },
	func() Config { return &HALP{Descent: defaultDescent, Mu: 1} },
	func() Config { return &SWALP{Descent: defaultDescent} },
}

// Names lists the optimizers.
func Names() []string {
	names := make([]string, len(configs))
	for i, fresh := range configs {
		names[i] = fresh().Name()
	}
	return names
}

// Parse returns the configuration of the named optimizer, its default options changed by assignments of the form key=value.
// An unknown name or key is an error that lists those there are.
func Parse(name string, assignments []string) (Config, error) {
	for _, fresh := range configs {
		config := fresh()
		if config.Name() != name {
			continue
		}
		var b binder
		config.bind(&b)
		if err := b.set(name, assignments); err != nil {
			return nil, err
		}
		return config, nil
	}
	return nil, errors.Errorf("unknown optimizer %q; there are: %s", name, strings.Join(Names(), ", "))
}

// Options lists the options of a configuration with their current values.
func Options(c Config) []Option {
	var b binder
	c.bind(&b)
	list := make([]Option, len(b.options))
	for i, o := range b.options {
		list[i] = o.Option
	}
	return list
}
