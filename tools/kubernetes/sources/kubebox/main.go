// kubebox is every program of Kubernetes in one binary: its first argument says which one it is.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

var programs = map[string]func() *cobra.Command{
	"apiserver":          apiserver.NewAPIServerCommand,
	"controller-manager": manager.NewControllerManagerCommand,
	"kubectl":            func() *cobra.Command { return kubectl.NewDefaultKubectlCommand() },
	"kubelet":            func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) },
	"proxy":              proxy.NewProxyCommand,
	"scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
}

func main() {
	if len(os.Args) > 1 && programs[os.Args[1]] != nil {
		name := os.Args[1]
		os.Args = append([]string{name}, os.Args[2:]...)
		os.Exit(cli.Run(programs[name]()))
	}
	fmt.Fprintln(os.Stderr, "usage: kubebox apiserver|controller-manager|kubectl|kubelet|proxy|scheduler ...")
	os.Exit(2)
}
