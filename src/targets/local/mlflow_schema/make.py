# Makes MLflow's tables as its server would when it starts.
import os

from mlflow.store.db.utils import _initialize_tables, create_sqlalchemy_engine_with_retry

_initialize_tables(create_sqlalchemy_engine_with_retry(os.environ["MLFLOW_BACKEND_STORE_URI"]))
