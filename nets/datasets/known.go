package datasets

// knownSet is a set whose contents are known by their digests.
type knownSet struct {
	title   string
	warning string
	// digests of the decompressed contents, in the order of the set's files: 32 hexadecimal digits are an MD5 (where
	// nothing better was published), 64 a SHA-256.
	digests []string
}

func (k knownSet) matches(files []File) bool {
	if len(files) != len(k.digests) {
		return false
	}
	for i, f := range files {
		if k.digests[i] != f.SHA256 && k.digests[i] != f.md5 {
			return false
		}
	}
	return true
}

// layoutTitle is what a set's layout is called.
var layoutTitle = map[string]string{
	"cifar10":         "CIFAR-10",
	"mnist":           "MNIST",
	"tinyshakespeare": "TinyShakespeare",
}

// known lists the sets that checksums identify, by name.
var known = map[string][]knownSet{
	"cifar10": {
		{
			title: "CIFAR-10", // the members of cifar-10-binary.tar.gz, MD5 c32a1d4ab5d03f1284b67883e8d87530
			digests: []string{
				"5dd7e06a14cb22eb9f671a540d1b7c25",
				"5ea93a67294ea407fff1d09f752e9692",
				"942cd6a4bcdd0dd3c604fbe906cb4421",
				"ae636b3ba5c66a11e91e8cb52e771fcb",
				"53f37980c15c3d472c316c40844f3f0d",
				"803d5f7f4d78ea53de84dbe85f74fb6d",
			},
		},
		{
			title:   "CIFAR-10, re-encoded JPEG",
			warning: "cifar10: these are CIFAR-10's pictures after a JPEG compression and in another order: accuracies come out a little below those of the original",
			digests: []string{
				"a1f5decc262d2ef5623afd9a7309fd089c738048c4de0947818ebc7c4b7ade9d",
				"73f8ae2f6e73425f70f31903d812f14602bf8fb62bd5bbea9813e9fd506551c2",
				"4a9cb18d3a55e466124fa394542a7626b1721051928976ad77be3f22677a68c0",
				"9460291dd4a15a814e0b6c606620eb814ffc44f2bb650e160b110ffb6d9a441a",
				"157c7b381a5f29f69475744a8c0fd6c5ec48515bd126a9eeaa725b1ebbfe8ad0",
				"19abc6801e2e94dc54e1c79dae3ec8a5a363de4f1cb3b2c07f4e251625b0f52a",
			},
		},
	},
	"mnist": {
		{
			title: "MNIST",
			digests: []string{
				"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
				"65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
				"0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
				"ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
			},
		},
	},
	"tinyshakespeare": {
		{
			title:   "TinyShakespeare",
			digests: []string{"86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"},
		},
	},
}
