// Package train makes one training run: a network, a data set, a policy and an optimizer, with evaluation, checkpoints and
// a record of what went in.
//
//	result, err := train.Run(ctx, train.Config{
//		Model: "resnet14", Data: "cifar10", Policy: swalp8,
//		Optimizer: "lp-sgd", Options: []string{"lr=0.1", "momentum=0.9"},
//		Steps: 2000, Seed: 1, Out: "runs/a",
//	})
//
// A run's folder holds
//
//	run.json        what the run depends on: version, model, data with checksums, policy, optimizer, seed, ...
//	metrics.csv     a row per evaluation
//	checkpoint.npz  parameters, running statistics, optimizer state at the last checkpoint, with a checksum
//
// All bits of a run are a function of run.json: the number of threads, the processor, the times at which checkpoints
// were written and how often the run was killed and resumed change none. [Open] builds the trained network of a folder
// again.
package train
