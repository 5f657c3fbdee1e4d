"""The home of the officer lists the next steps; a coordinator's, what was sent."""


def home(browse, member: str) -> str:
    return browse(member).get("/").content.decode()


def test_the_officer_sees_the_next_step_of_each_period(browse):
    page = home(browse, "dgefp_officer")
    assert "éditions à mettre en relecture, 2e trimestre 2016" in page
    assert "éditions à transmettre, 1er trimestre 2016" in page
    assert "4e trimestre 2015" not in page


def test_the_coordinator_sees_what_was_sent_and_no_draft(browse):
    page = home(browse, "regional_coordinator 93")
    assert "Tableau de bord transmis : 4e trimestre 2015" in page
    assert "/tableaux-de-bord/2015-T4/93/" in page
    assert "2016" not in page.split("Ce qui vous attend")[1].split("</section>")[0]
