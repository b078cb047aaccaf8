// Package nets holds the networks that Halftone trains, written on plain Gorgonia as any user of Gorgonia would write them:
// nothing in them knows of number formats. graph.Layer gives their parts the names that policies match.
//
// A net is a graph for one batch size. Data goes into the values of Inputs and Targets, which are allocated with the net;
// the loss is the mean over the batch. Initial parameters are a pure function of seed, parameter name and element, with
// the same bits on every processor.
package nets
