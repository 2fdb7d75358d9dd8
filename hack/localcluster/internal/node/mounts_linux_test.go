package node

import (
	"slices"
	"testing"
)

func TestMountsAreRead(t *testing.T) {
	got := parseMounts(`36 35 98:0 / / rw,noatime master:1 - ext4 /dev/root rw
37 36 0:30 / /data/a\040b rw - overlay overlay rw,lowerdir=/x - y
38 36 0:31 / /sys/fs/cgroup rw shared:2 - cgroup2 cgroup2 rw
broken
`)
	want := []mount{{"/", "ext4"}, {"/data/a b", "overlay"}, {"/sys/fs/cgroup", "cgroup2"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestThisMachineIsRead(t *testing.T) {
	mounts, err := readMounts()
	if err != nil || len(mounts) == 0 {
		t.Errorf("there are %d mounts, %v", len(mounts), err)
	}
}
