"""Does what `zenml migrate-database` leaves undone: `flavors` after a run that was cut off, `accounts` in a store that
a local client made. Runs in the server's own environment; prints what it did as JSON on its last line."""

import json
import os
import sys

from zenml.config.global_config import GlobalConfiguration
from zenml.zen_stores.base_zen_store import BaseZenStore


def close_accounts(store):
    """A local client makes a user with an empty password, which is harmless until a server opens the same store."""
    from passlib.context import CryptContext
    from sqlalchemy import text

    name = os.environ["DEPLOY_ADMINISTRATOR"]
    hashes = CryptContext(schemes=["bcrypt"], deprecated="auto")
    done = {}
    with store.engine.begin() as connection:
        question = "SELECT id, name, password FROM `user` WHERE is_service_account = :no ORDER BY created"
        people = connection.execute(text(question), {"no": False}).fetchall()
        names = {person.name for person in people}
        for person in people:
            if not person.password or not hashes.verify("", person.password):
                continue
            if name not in names or person.name == name:
                change = "UPDATE `user` SET name = :name, password = :hash, is_admin = :yes, active = :yes WHERE id = :id"
                values = {"name": name, "hash": hashes.hash(os.environ["DEPLOY_PASSWORD"]), "yes": True}
                names.add(name)
                done[person.name] = "administrator"
            else:
                change = "UPDATE `user` SET password = NULL, active = :no WHERE id = :id"
                values = {"no": False}
                done[person.name] = "deactivated"
            connection.execute(text(change), {**values, "id": person.id})
    return done


configuration = GlobalConfiguration().store_configuration
store = BaseZenStore.create_store(configuration, skip_default_registrations=True, skip_migrations=True)
done = {}
if "flavors" in sys.argv[1:]:
    store._sync_flavors()
if "accounts" in sys.argv[1:]:
    done = close_accounts(store)
print(json.dumps(done))
