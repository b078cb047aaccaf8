// Package deploy turns a trained model into a network for integer hardware: it calibrates the scales of all tensors on
// images, and writes a folder with a policy (batch norms folded, int formats with scale=run, a target), the weights and
// the scales. Compiling the model with that folder gives the simulated integer graph; lowering that program gives the
// emulator's network. There is no second path.
package deploy
