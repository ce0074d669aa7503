//! Words that say nothing of what a text is about, by language: short lists of function words.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Whether a folded word is a stop word of a language (primary subtag).
pub(crate) fn is_stop_word(folded: &str, language: &str) -> bool {
    LISTS
        .iter()
        .find(|(name, _)| *name == language)
        .is_some_and(|(_, words)| words.contains(folded))
}

static LISTS: LazyLock<Vec<(&'static str, BTreeSet<&'static str>)>> = LazyLock::new(|| {
    let split =
        |&(name, words): &(&'static str, &'static str)| (name, words.split_whitespace().collect());
    WORDS.iter().map(split).collect()
});

/// Folded, so that they compare with folded words. Articles, prepositions, conjunctions,
/// pronouns, auxiliary verbs; no word that a title may consist of is left findable only by them,
/// as a query of stop words alone is matched by their exact forms.
const WORDS: &[(&str, &str)] = &[
    (
        "en",
        "a about above after again against all am an and any are arent as at be because been
         before being below between both but by can cant cannot could couldnt d did didnt do does
         doesnt doing dont down during each few for from further had hadnt has hasnt have havent
         having he her here hers herself him himself his how i if in into is isnt it its itself ll
         m me more most my myself no nor not of off on once only or other our ours ourselves out
         over own re s same she should shouldnt so some such t than that the their theirs them
         themselves then there these they this those through to too under until up ve very was
         wasnt we were werent what when where which while who whom why will with wont would
         wouldnt you your yours yourself yourselves",
    ),
    (
        "de",
        "aber alle allem allen aller alles als also am an ander andere anderem anderen anderer
         anderes auch auf aus bei bin bis bist da damit dann das dass dasselbe dazu dein deine
         deinem deinen deiner dem den denn der deren des dessen dich die dies diese dieselbe
         diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines er es
         etwas euch euer eure fur gegen gewesen hab habe haben hat hatte hatten hier hin hinter
         ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in indem ins ist ja jede jedem jeden jeder
         jedes jene jenem jenen jener jenes jetzt kann kein keine keinem keinen keiner konnen
         konnte machen man manche manchem manchen mancher mein meine meinem meinen meiner mich mir
         mit muss musste nach nicht nichts noch nun nur ob oder ohne sehr sein seine seinem seinen
         seiner selbst sich sie sind so solche soll sollte sondern sonst uber um und uns unser
         unsere unter viel vom von vor war waren warst was weg weil weiter welche welchem welchen
         welcher welches wenn werde werden wie wieder will wir wird wirst wo wollen wollte wurde
         wurden zu zum zur zwar zwischen",
    ),
    (
        "fr",
        "a ai aie ait as au aura aurait aux avait avaient avec avez avoir avons c ce ceci cela ces
         cet cette ceux d dans de des du elle elles en est et etaient etait ete etre eu eux fait
         fut furent ici il ils j je l la le les leur leurs lui m ma mais me meme mes moi mon n ne
         nos notre nous on ont ou par pas pour plus qu que quel quelle quelles quels qui s sa sans
         se sera serait ses si soit son sont sous sur t ta te tes toi ton tu un une vos votre vous
         y",
    ),
    (
        "es",
        "a al algo algunas algunos ante antes como con contra cual cuando de del desde donde
         durante e el ella ellas ellos en entre era eran eres es esa esas ese eso esos esta estaba
         estado estan estar estas este esto estos fue fueron ha habia han has hasta hay he la las
         le les lo los mas me mi mis mucho muchos muy nada ni no nos nosotros o os otra otras otro
         otros para pero poco por porque que quien quienes se sea ser si sido sin sobre son soy su
         sus suya suyo tambien tanto te tiene tienen todo todos tu tus un una uno unos vosotros y
         ya yo",
    ),
    (
        "it",
        "a ad agli ai al alla alle allo anche c che chi ci coi col come con contro cui d da dagli
         dai dal dalla dalle dallo degli dei del dell della delle dello di dove e ed era erano essere
         fu gli ha hai hanno ho i il in io l la le lei li lo loro lui ma me mi mia mie miei mio ne
         negli nei nel nella nelle nello noi non nostra nostre nostri nostro o per perche piu
         quale quali quando quanto quella quelle quelli quello questa queste questi questo se sei si
         sia siamo siete sono sta stato su sua sue sugli sui sul sulla sulle suo suoi ti tra tu tua
         tue tuo tuoi tutti tutto un una uno vi voi",
    ),
    (
        "pt",
        "a ao aos aquela aquelas aquele aqueles aquilo as ate com como da das de dela delas dele
         deles depois do dos e ela elas ele eles em entre era eram essa essas esse esses esta estao
         estas estava este estes eu foi foram ha isso isto ja lhe lhes mais mas me mesmo meu meus
         minha minhas muito na nao nas nem no nos nossa nossas nosso nossos num numa o os ou para
         pela pelas pelo pelos por qual quando que quem sao se sem ser seu seus so sua suas tambem
         te tem tinha tu tua tuas um uma voce voces",
    ),
    (
        "nl",
        "aan al alles als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus
         een eens en er ge geen geweest haar had heb hebben heeft hem het hier hij hoe hun iemand
         iets ik in is ja je kan kon kunnen maar me meer men met mij mijn moet na naar niet niets
         nog nu of om omdat onder ons ook op over reeds te tegen toch toen tot u uit uw van veel
         voor want waren was wat werd wezen wie wil worden wordt zal ze zelf zich zij zijn zo zonder
         zou",
    ),
    (
        "ru",
        "а без более бы был была были было быть в вам вас весь во вот все всего всех вы где да даже
         для до его ее если есть еще же за здесь и из или им их к как ко когда кто ли либо мне может
         мы на надо наш не него нее нет ни них но ну о об однако он она они оно от очень по под при с
         со так также такои там те тем то того тоже тои только том ты у уже хотя чего чеи чем что
         чтобы чье чья эта эти это этого этои этом этот я",
    ),
    (
        "sv",
        "alla allt att av blev bli blir da dar de dem den denna deras dess dessa det detta dig din
         dina ditt du efter ej eller en er era ert ett fran for ha hade han hans har hon honom hur i
         icke ingen inom inte jag ju kan kunde man med mellan men mig min mina mitt mot mycket nagon
         nagot nar ni nu och om oss pa sa samma sedan sig sin sina sitt skulle som till under upp ut
         utan vad var vara vart vem vi vid vilken ar an over",
    ),
    (
        "da",
        "af alle alt anden at blev blive bliver da de dem den denne der deres det dette dig din
         disse dog du efter eller en end er et for fra ham han hans har havde have hende hendes her
         hos hun hvad hvis hvor i ikke ind jeg jer jo kunne man mange med meget men mig min mine
         mod ned noget nogle nu naar og ogsa om op os over pa selv sig sin sine skal skulle som
         sadan til ud under var vi vil ville vor vaere vaeret",
    ),
    (
        "no",
        "alle at av bare ble bli blir da de deg dei deim deira dem den denne der dere deres det
         dette di din disse du eg ein eit ei eller elles en er et etter for fordi fra for ha hadde
         han hans har hennes her hun hva hvem hver hvis hvor hvordan i ikke ikkje inn ingen ja jeg
         kan kunne man mange med meg men mi min mitt mot mykje na nar noe noen nokon og ogsa om opp
         oss over pa sa seg selv si sin sine sitt skal skulle slik som til ut uten var vart ved vi
         vil ville vor vare a",
    ),
    (
        "fi",
        "ei eivat ella en enemman etta han hanen hanta he heidan heita ja jo joka jonka josta jotka
         joten jos kanssa kuin kuka kun kuten me mika mikali minka minun minut minua mukaan mutta
         myos ne nama niiden niin niita nyt ole olen olet oli olivat olla olleet ollut on ovat se
         sen siina siita sina sita taman tassa tasta te tai tama tata vaan vai vain voi voivat",
    ),
    (
        "pl",
        "a ale bo byc byl byla bylo byly co czy dla do gdy gdzie go i ich im ja jak jako je jego
         jej jest jestem jeszcze juz kiedy ktora ktore ktory lub ma mi mnie moze my na nad nam nas
         nie nich niego niej o od on ona one oni ono oraz po pod przed przez przy sa sie sobie ta
         tak takze tam te tego tej ten to tu tych tylko tym u w we wszystko z za ze",
    ),
    (
        "tr",
        "acaba ama ancak bana bazi ben beni bir biri biz bu buna bunda bundan bunlar bunu cok cunku
         da daha de degil diye gibi hem hep her hic icin ile ise kadar ki kim mi mu nasil ne neden
         nerede o olan olarak oldu on ona onlar onu sen siz su ve veya ya yani",
    ),
    (
        "ar",
        "اذا الا التي الذي الذين الي ام ان انا انت انه انها او اي اين بعد بعض بل بين تلك ثم حتي حيث
         خلال ذلك سوف عن عند علي غير في فيه فيها قد كان كانت كل كما كيف لا لقد لكن لم لما لن له لها
         ليس ما متي مع من منذ منه منها نحن هذا هذه هل هم هنا هو هي و ولا وقد يا يكون",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::fold;

    #[test]
    fn lists_are_folded() {
        for (language, words) in LISTS.iter() {
            for word in words {
                assert_eq!(&*fold(word), *word, "{language}");
            }
        }
        assert!(is_stop_word("the", "en"));
        assert!(!is_stop_word("the", "de"));
        assert!(!is_stop_word("the", ""));
    }
}
