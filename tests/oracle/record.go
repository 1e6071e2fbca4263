package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	chartcommon "helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/release/common"
	release "helm.sh/helm/v4/pkg/release/v1"
	"helm.sh/helm/v4/pkg/storage/driver"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

const namespace = "default"

// A moment for all records, so that answers can be compared.
var moment = time.Date(2026, 11, 20, 10, 0, 0, 123456789, time.UTC)

// record: the Secret in which Helm keeps a release. The fields of template, and "revision", "status", "labels",
// "description". → {"secret": object, "release": the record as JSON}
func writeRecord(line json.RawMessage) (Answer, error) {
	var question Question
	if err := question.read(line); err != nil {
		return nil, err
	}
	var more struct {
		Revision    int               `json:"revision"`
		Status      string            `json:"status"`
		Labels      map[string]string `json:"labels"`
		Description string            `json:"description"`
	}
	if err := json.Unmarshal(line, &more); err != nil {
		return nil, fmt.Errorf("question: %w", err)
	}
	found, err := question.release()
	if err != nil {
		return nil, err
	}
	found.Version = max(more.Revision, 1)
	found.Labels = more.Labels
	found.Info.FirstDeployed, found.Info.LastDeployed = moment, moment
	found.Info.Description = more.Description
	found.Info.Status = common.StatusDeployed
	if more.Status != "" {
		found.Info.Status = common.Status(more.Status)
	}
	// What the loader noted of files on this disk is not of the chart.
	for _, files := range [][]*chartcommon.File{found.Chart.Templates, found.Chart.Files, found.Chart.Raw} {
		for _, file := range files {
			file.ModTime = time.Time{}
		}
	}
	found.Chart.ModTime, found.Chart.SchemaModTime = time.Time{}, time.Time{}
	secrets := fake.NewClientset().CoreV1().Secrets(namespace)
	key := fmt.Sprintf("sh.helm.release.v1.%s.v%d", found.Name, found.Version)
	if err := driver.NewSecrets(secrets).Create(key, found); err != nil {
		return nil, err
	}
	kept, err := secrets.Get(context.Background(), key, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	kept.Labels["createdAt"] = fmt.Sprint(moment.Unix())
	text, err := json.Marshal(found)
	return Answer{"secret": kept, "release": Text(text)}, err
}

// read: what Helm reads out of such a Secret. {"secret": object} → {"release": the record as JSON}
func readRecord(line json.RawMessage) (Answer, error) {
	var question struct {
		Secret v1.Secret `json:"secret"`
	}
	if err := json.Unmarshal(line, &question); err != nil {
		return nil, fmt.Errorf("question: %w", err)
	}
	secret := question.Secret
	secret.Namespace = namespace
	found, err := driver.NewSecrets(fake.NewClientset(&secret).CoreV1().Secrets(namespace)).Get(secret.Name)
	if err != nil {
		return nil, err
	}
	record, ok := found.(*release.Release)
	if !ok {
		return nil, fmt.Errorf("question: a release of another version: %T", found)
	}
	text, err := json.Marshal(record)
	return Answer{"release": Text(text), "labels": record.Labels}, err
}
