// Package datasets loads the data sets that Halftone trains on, says which data it found, and assembles batches.
//
// The sets and their places in the data folder ([Dir]):
//
//	cifar10          cifar-10-batches-bin/{data_batch_1..5,test_batch}.bin     CIFAR-10, binary version
//	mnist            mnist/{train,t10k}-{images-idx3,labels-idx1}-ubyte[.gz]   MNIST, IDX
//	tinyshakespeare  tinyshakespeare/input.txt                                 one text, characters
//	synthetic        computed, no files                                        32x32x3, 10 classes
//
// A set is named by the checksums of its files: one that is well-formed but whose checksums are in no table loads with
// a warning. Every loader returns an error that names file, place and remedy, and none reads more than its size limit.
//
// # Order and augmentation
//
// What a batch holds is a pure function of (seed, epoch, batch number): the permutation of an epoch and the crop and
// flip of a sample come from the counter-based random stream of qops/number in its domain Data. So batches may be
// assembled in any order, by any number of goroutines, and a resumed run sees the data of an unbroken one.
package datasets
