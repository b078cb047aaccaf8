// Package optimizers minimises a [Problem], a function given batch by batch, by stochastic gradient descent in full and low
// precision: [SGD], [LPSGD], [SVRG], [LPSVRG], [HALP] and [SWALP].
//
//	config, err := optimizers.Parse("halp", []string{"lr=0.1", "mu=0.3"})
//	optimizer, err := config.New(optimizers.Run{Problem: problem, Seed: 1})
//	for range steps {
//		result, err := optimizer.Step(ctx)
//	}
//
// The problem decides how f is computed and in which formats; the optimizer rounds only the tensors it keeps itself, in the
// formats of [Parameter]. All elementwise arithmetic is done in the problem's element type, one rounding per operation in the
// order that the comments give, so that runs have the same bits on every processor.
//
// # Random choices
//
// Nothing random has a state. A rounding of the tensor NAME.ROLE takes its bits from the stream of that name, with the number
// of the step as execution number (gradients: that of the evaluation). The batch of an inner step is a function of the outer
// loop and the step in it.
//
// # Adding an optimizer
//
// Write a file with a configuration type and a line in the list configs.
package optimizers
